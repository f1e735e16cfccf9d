import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import { notFound } from '../../../kernel/domain-error.js';
import type { Actor } from '../../../platform/http/actor.js';
import { raiseAccess } from '../../access/access-states.js';
import { type RevocationReason, Session } from '../session.js';

/** Ends one of the actor's own sessions; in force within a second. */
export class RevokeSession extends Command<void> {
  constructor(
    readonly actor: Actor,
    readonly sessionId: string,
    readonly reason: Extract<RevocationReason, 'signed-out' | 'revoked'>,
  ) {
    super();
  }
}

@CommandHandler(RevokeSession)
export class RevokeSessionHandler implements ICommandHandler<RevokeSession> {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws not-found */
  async execute({ actor, sessionId, reason }: RevokeSession): Promise<void> {
    await this.unitOfWork.run(actor, async (unit) => {
      const session = await unit.em.findOne(Session, { id: sessionId, userId: actor.id });
      if (!session) throw notFound('Session', sessionId);
      unit.record('session', session, ...session.revoke(reason, new Date()));
      await raiseAccess(unit.em, actor.organizationId);
    });
  }
}
