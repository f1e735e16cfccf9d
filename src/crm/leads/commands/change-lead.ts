import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import { assertAssignable } from '../assignees.js';
import { findLead } from '../find-lead.js';
import type { LeadChanges } from '../lead-details.js';
import { type LeadView, leadViewOf } from '../lead-view.js';

export class ChangeLead extends Command<LeadView> {
  constructor(
    readonly actor: Actor,
    readonly id: string,
    readonly changes: LeadChanges,
    readonly expectedVersion?: number,
  ) {
    super();
  }
}

@CommandHandler(ChangeLead)
export class ChangeLeadHandler implements ICommandHandler<ChangeLead> {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws not-found, stale, conflict `transition-not-allowed`, invalid `unknown-assignee` or `invalid-website` */
  execute({ actor, id, changes, expectedVersion }: ChangeLead): Promise<LeadView> {
    return this.unitOfWork.run(actor, async (unit) => {
      const lead = await findLead(unit.em, id);
      await assertAssignable(unit.em, changes.assigneeId);
      unit.record('lead', lead, ...lead.change(changes, new Date(), expectedVersion));
      await unit.em.flush();
      return leadViewOf(lead);
    });
  }
}
