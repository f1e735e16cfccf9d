import type { EntityManager } from '@mikro-orm/postgresql';
import { LRUCache } from 'lru-cache';
import { PLATFORM_ORGANIZATION } from '../../kernel/id.js';
import { AGE_RESOLUTION_MS } from '../../platform/cache/age-resolution.js';
import { type ChangeFollower, raiseHead } from '../../platform/cache/change-follower.js';
import type { Sql } from '../../platform/database/sql.js';
import { permissionsOf, type Role } from './permissions.js';

const SCOPE = 'access';
const MAX_STATES = 20_000;
/** Refreshing a session moves its end without a change of revision, so a state is read anew after this. */
const KEPT_FOR_MS = 300_000;
/** The use of an API key is written down this often. */
const USE_NOTED_EVERY = '10 minutes';

/** What a session or an API key may do now. */
export interface AccessState {
  /** User or API key. */
  readonly id: string;
  readonly roles: readonly Role[];
  readonly permissions: ReadonlySet<string>;
  readonly expiresAt: Date;
  /** Of an API key. */
  readonly secretHash?: Buffer;
}

/** Makes every process look again at what sessions and keys of an organization may do; within the changing transaction. */
export const raiseAccess = (em: EntityManager, organizationId: string): Promise<number> =>
  raiseHead(em, organizationId, SCOPE);

type Kind = 'session' | 'api-key';
type MaybeState = AccessState | undefined;
interface Found {
  readonly state: MaybeState;
}

/** Knows what sessions and API keys may do, from memory while nothing of it changed in their organization. */
export class AccessStates {
  private readonly states: LRUCache<string, Found, () => Promise<Found>>;
  private readonly organizations = new LRUCache<string, string>({ max: MAX_STATES });

  constructor(
    private readonly sql: Sql,
    private readonly follower: ChangeFollower,
  ) {
    this.states = new LRUCache({
      max: MAX_STATES,
      ttl: KEPT_FOR_MS,
      ttlResolution: AGE_RESOLUTION_MS,
      fetchMethod: (_key, _old, { context }) => context(),
    });
  }

  /**
   * The state of a live session, at once when it is known; undefined when it was revoked, has expired, or the person may
   * not sign in.
   */
  ofSession(organizationId: string, sessionId: string): MaybeState | Promise<MaybeState> {
    return this.get('session', organizationId, sessionId);
  }

  /** The state of an API key with its organization; undefined when there is none, or it was revoked or has expired. */
  async ofApiKey(id: string): Promise<(AccessState & { organizationId: string }) | undefined> {
    const organizationId = this.organizations.get(id) ?? (await this.findOrganization(id));
    if (!organizationId) return undefined;
    const state = await this.get('api-key', organizationId, id);
    return state && { ...state, organizationId };
  }

  /** Writes down that a key was used, if that is not so already. */
  async noteUse(organizationId: string, apiKeyId: string): Promise<void> {
    await this.sql.write(
      organizationId,
      `update api_keys set last_used_at = now()
       where id = $1 and (last_used_at is null or last_used_at < now() - interval '${USE_NOTED_EVERY}')`,
      [apiKeyId],
    );
  }

  private get(kind: Kind, organizationId: string, id: string): MaybeState | Promise<MaybeState> {
    const key = this.keyOf(organizationId, id);
    // Most requests find a state, and looking costs a fraction of what a fetch does.
    const known = this.follower.isFollowing ? this.states.get(key) : undefined;
    return known
      ? whileInForce(known)
      : this.fetch(key, async () => ({ state: await this.load(kind, organizationId, id) }));
  }

  private async fetch(key: string, load: () => Promise<Found>): Promise<MaybeState> {
    const found = this.follower.isFollowing ? await this.states.fetch(key, { context: load }) : await load();
    return found && whileInForce(found);
  }

  private keyOf(organizationId: string, id: string): string {
    return `${organizationId} ${this.follower.revision(organizationId, SCOPE)} ${id}`;
  }

  private async load(kind: Kind, organizationId: string, id: string): Promise<AccessState | undefined> {
    const [row] = await this.sql.read<StateRow>(organizationId, statements[kind], [id]);
    if (!row) return undefined;
    const { id: actorId, roles, permissions, expires_at: expiresAt, secret_hash: secretHash } = row;
    return {
      id: actorId,
      roles: roles ?? [],
      permissions: permissions ? new Set(permissions) : permissionsOf(roles ?? []),
      expiresAt,
      ...(secretHash && { secretHash }),
    };
  }

  private async findOrganization(apiKeyId: string): Promise<string | undefined> {
    const statement = 'select authentication.find_api_key($1) as id';
    const [row] = await this.sql.read<{ id: string | null }>(PLATFORM_ORGANIZATION, statement, [apiKeyId]);
    if (row?.id) this.organizations.set(apiKeyId, row.id);
    return row?.id ?? undefined;
  }
}

const whileInForce = ({ state }: Found): MaybeState =>
  state && state.expiresAt.getTime() > Date.now() ? state : undefined;

interface StateRow extends Record<string, unknown> {
  readonly id: string;
  readonly roles: Role[] | null;
  readonly permissions: string[] | null;
  readonly expires_at: Date;
  readonly secret_hash: Buffer | null;
}

const statements: Readonly<Record<Kind, string>> = {
  session: `select member.user_id as id, member.roles, null as permissions, session.expires_at, null as secret_hash
    from sessions session
    join memberships member on member.organization_id = session.organization_id and member.user_id = session.user_id
    where session.id = $1 and session.revoked_at is null and member.status = 'active'`,
  'api-key': `select id, null as roles, permissions, expires_at, secret_hash
    from api_keys where id = $1 and revoked_at is null`,
};
