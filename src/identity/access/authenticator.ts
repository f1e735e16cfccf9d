import { LRUCache } from 'lru-cache';
import type { Actor } from '../../platform/http/actor.js';
import type { AccessStates } from './access-states.js';
import type { AccessTokens } from './access-tokens.js';
import { hasHash, parseToken } from './opaque-token.js';
import type { Trail } from './system-actor.js';

const USE_NOTED_FOR_MS = 600_000;
const MAX_NOTED = 10_000;

/** Makes out who shows a credential: an access token of a session, or an API key. */
export class Authenticator {
  private readonly noted = new LRUCache<string, true>({ max: MAX_NOTED, ttl: USE_NOTED_FOR_MS });

  constructor(
    private readonly tokens: AccessTokens,
    private readonly states: AccessStates,
  ) {}

  /** The caller with the permissions of this moment; undefined when the credential is not, or no longer, good. */
  identify(credential: string, trail: Trail): Promise<Actor | undefined> {
    const isApiKey = credential.startsWith('prv_');
    return isApiKey ? this.identifyApiKey(credential, trail) : this.identifyUser(credential, trail);
  }

  private async identifyUser(credential: string, trail: Trail): Promise<Actor | undefined> {
    const claims = await this.tokens.verify(credential);
    if (!claims) return undefined;
    const { organizationId, sessionId } = claims;
    const state = await this.states.ofSession(organizationId, sessionId);
    if (!state) return undefined;
    const { id, roles, permissions } = state;
    return { depth: 0, ...trail, type: 'user', id, organizationId, roles, permissions, sessionId };
  }

  private async identifyApiKey(credential: string, trail: Trail): Promise<Actor | undefined> {
    const token = parseToken('prv', credential);
    if (!token) return undefined;
    const state = await this.states.ofApiKey(token.id);
    if (!state?.secretHash || !hasHash(token.secrets[0]!, state.secretHash)) return undefined;
    const { id, organizationId, roles, permissions } = state;
    this.noteUse(organizationId, id);
    return { depth: 0, ...trail, type: 'api-key', id, organizationId, roles, permissions };
  }

  /** A note for people, so it neither holds a request up nor fails it. */
  private noteUse(organizationId: string, apiKeyId: string): void {
    if (this.noted.has(apiKeyId)) return;
    this.noted.set(apiKeyId, true);
    this.states.noteUse(organizationId, apiKeyId).catch(() => this.noted.delete(apiKeyId));
  }
}
