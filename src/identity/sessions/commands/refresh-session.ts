import { LockMode } from '@mikro-orm/core';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Unit, UnitOfWork } from '../../../audit/audit.contract.js';
import { DomainError } from '../../../kernel/domain-error.js';
import { PLATFORM_ORGANIZATION } from '../../../kernel/id.js';
import { Sql } from '../../../platform/database/sql.js';
import { raiseAccess } from '../../access/access-states.js';
import { type OpaqueToken, parseToken } from '../../access/opaque-token.js';
import { systemActor, type Trail } from '../../access/system-actor.js';
import { Session } from '../session.js';
import type { SignedIn } from './sign-in.js';

/** Exchanges a refresh token for the next one. */
export class RefreshSession extends Command<SignedIn> {
  constructor(
    readonly trail: Trail,
    readonly refreshToken: string,
  ) {
    super();
  }
}

@CommandHandler(RefreshSession)
export class RefreshSessionHandler implements ICommandHandler<RefreshSession> {
  constructor(
    private readonly sql: Sql,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** @throws unauthenticated `refresh-token-refused`; the session of a token that was used before has ended then */
  async execute({ trail, refreshToken }: RefreshSession): Promise<SignedIn> {
    const token = parseToken('prr', refreshToken, 2);
    const organizationId = token && (await this.findOrganization(token.id));
    if (!organizationId) throw refused();
    const actor = systemActor(organizationId, trail);
    const signedIn = await this.unitOfWork.run(actor, (unit) => exchange(unit, token));
    if (!signedIn) throw refused();
    return signedIn;
  }

  private async findOrganization(sessionId: string): Promise<string | null | undefined> {
    const statement = 'select authentication.find_session($1) as id';
    const [row] = await this.sql.read<{ id: string | null }>(PLATFORM_ORGANIZATION, statement, [sessionId]);
    return row?.id;
  }
}

/** Answers instead of throwing when the token is refused, because what a reused one brings about must be kept. */
async function exchange(unit: Unit, { id, secrets }: OpaqueToken): Promise<SignedIn | undefined> {
  const session = await unit.em.findOne(Session, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  const refreshing = session?.refresh(secrets[0]!, secrets[1]!, new Date());
  if (!session || !refreshing || !('events' in refreshing)) return undefined;
  unit.record('session', session, ...refreshing.events);
  if (refreshing.outcome === 'refreshed') {
    const { organizationId, userId, id: sessionId } = session;
    return { organizationId, userId, sessionId, refreshToken: refreshing.refreshToken };
  }
  await raiseAccess(unit.em, session.organizationId);
  return undefined;
}

const refused = (): DomainError =>
  new DomainError(
    'unauthenticated',
    'refresh-token-refused',
    'The refresh token is not good, or no longer; sign in again.',
  );
