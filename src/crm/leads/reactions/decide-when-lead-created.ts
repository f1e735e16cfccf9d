import { Injectable } from '@nestjs/common';
import type { Reaction, StoredEvent, Unit } from '../../../audit/audit.contract.js';
import { EntryPoints, SubjectDecisions } from '../../../rules/rules.contract.js';
import { leadCreated } from '../../crm.entry-points.js';

/** Every lead that came in is decided about, once. One that was deleted meanwhile is left alone. */
@Injectable()
export class DecideWhenLeadCreated implements Reaction {
  readonly name = 'decide-when-lead-created';
  readonly eventTypes = ['crm.lead-created'];

  constructor(
    private readonly entryPoints: EntryPoints,
    private readonly decisions: SubjectDecisions,
  ) {}

  async handle(unit: Unit, events: readonly StoredEvent[]): Promise<void> {
    const { owner, ...entryPoint } = await this.entryPoints.get(unit.actor.organizationId, leadCreated.name);
    const targets = events.map((event) => ({ unit: unit.on(event), subjectId: leadIdOf(event) }));
    await this.decisions.apply({ ...entryPoint, owner: owner ?? leadCreated.owner }, targets);
  }
}

/** The stream is the lead; the subject may be whatever caused it to be created. */
const leadIdOf = ({ stream }: StoredEvent): string => stream.slice(stream.indexOf(':') + 1);
