import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import { newId } from '../../../kernel/id.js';
import type { Actor } from '../../../platform/http/actor.js';
import { assertAssignable } from '../assignees.js';
import { duplicateLead, findDuplicates, lockMatchKeys } from '../duplicates.js';
import { leadEvent } from '../lead.events.js';
import { Lead } from '../lead.js';
import type { LeadDetails } from '../lead-details.js';
import { LeadMetrics } from '../lead-metrics.js';
import { type LeadView, leadViewOf } from '../lead-view.js';

export interface NewLead extends LeadDetails {
  readonly score: number;
  readonly assigneeId: string | null;
}

export class CreateLead extends Command<LeadView> {
  constructor(
    readonly actor: Actor,
    readonly details: NewLead,
    /** Create it although leads like it are known; the trail says who wanted that. */
    readonly allowDuplicate = false,
  ) {
    super();
  }
}

@CommandHandler(CreateLead)
export class CreateLeadHandler implements ICommandHandler<CreateLead> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly metrics: LeadMetrics,
  ) {}

  /** @throws conflict `duplicate-lead` with `duplicates`, invalid `unknown-assignee` or `invalid-website` */
  execute(command: CreateLead): Promise<LeadView> {
    return this.metrics.measure(() => this.create(command));
  }

  private create({ actor, details, allowDuplicate }: CreateLead): Promise<LeadView> {
    return this.unitOfWork.run(actor, async (unit) => {
      const { organizationId } = actor;
      await assertAssignable(unit.em, details.assigneeId);
      const place = { id: newId(), organizationId };
      const { lead, events } = Lead.create(place, details, { userId: actor.id, now: new Date() });
      await lockMatchKeys(unit.em, organizationId, lead);
      const { foldedEmail, phoneE164, websiteDomain, company } = lead;
      const candidate = { place: 0, foldedEmail, phoneE164, websiteDomain, companyName: company.name };
      const duplicates = await findDuplicates(unit.em, [candidate]);
      if (duplicates.length > 0 && !allowDuplicate) throw duplicateLead(duplicates);
      unit.em.persist(lead);
      unit.record('lead', lead, ...events);
      if (duplicates.length > 0) {
        unit.record('lead', lead, leadEvent('duplicate-allowed', { duplicates: duplicates.map(({ id }) => id) }));
      }
      await unit.em.flush();
      return leadViewOf(lead);
    });
  }
}
