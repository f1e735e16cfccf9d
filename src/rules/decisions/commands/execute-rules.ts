import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { eventRow, EventTypes, Installation, Recorder, UnitOfWork } from '../../../audit/audit.contract.js';
import { DomainError, invalid, notFound } from '../../../kernel/domain-error.js';
import type { Subject } from '../../../kernel/domain-event.js';
import type { JsonObject } from '../../../kernel/json.js';
import type { Actor } from '../../../platform/http/actor.js';
import { EntryPoints, type PreparedEntryPoint } from '../../entry-points/entry-points.js';
import { Decider, type Decided } from '../decider.js';
import { type DecisionRecord, matchedOrFailed, rulesExecuted } from '../decision-record.js';
import { DecisionSealing, subjectOf } from '../decision-sealing.js';
import { rolledBack } from '../effects.js';
import { type OwnedEntryPoint, SubjectDecisions } from '../subject-decisions.js';

/** Which decision to take, over what. */
export interface ExecutionRequest {
  readonly entryPoint: string;
  readonly context: JsonObject;
  /** The row that effects change; without it effects are answered and nothing is written. */
  readonly subject?: Subject;
  /** Decide without recording or changing anything. */
  readonly isDryRun: boolean;
}

export class ExecuteRules extends Command<DecisionRecord> {
  constructor(
    readonly actor: Actor,
    readonly request: ExecutionRequest,
  ) {
    super();
  }
}

@CommandHandler(ExecuteRules)
export class ExecuteRulesHandler implements ICommandHandler<ExecuteRules> {
  constructor(
    private readonly entryPoints: EntryPoints,
    private readonly decider: Decider,
    private readonly sealing: DecisionSealing,
    private readonly subjectDecisions: SubjectDecisions,
    private readonly unitOfWork: UnitOfWork,
    private readonly recorder: Recorder,
    private readonly eventTypes: EventTypes,
    private readonly installation: Installation,
  ) {}

  async execute({ actor, request }: ExecuteRules): Promise<DecisionRecord> {
    const entryPoint = await this.entryPoints.get(actor.organizationId, request.entryPoint);
    const { subject } = request;
    if (subject) return this.decideAboutSubject(actor, ownedBy(entryPoint, subject), { ...request, subject });
    const decided = await this.decider.decide(actor, { entryPoint, context: request.context });
    if (!request.isDryRun) await this.recordDurably(actor, decided);
    return decided.record;
  }

  private async decideAboutSubject(
    actor: Actor,
    entryPoint: OwnedEntryPoint,
    { subject, context, isDryRun }: ExecutionRequest & { subject: Subject },
  ): Promise<DecisionRecord> {
    let decided: Decided | undefined;
    try {
      return await this.unitOfWork.run(actor, async (unit) => {
        const target = { unit, subjectId: subject.id, context };
        if (isDryRun) return this.subjectDecisions.rehearse(entryPoint, target);
        const [record] = await this.subjectDecisions.apply(entryPoint, [target], (taken) => (decided = taken));
        if (!record) throw notFound(`The ${subject.type}`, subject.id);
        return record;
      });
    } catch (error) {
      if (!decided || !(error instanceof DomainError)) throw error;
      const record = rolledBack(entryPoint, decided.record, error);
      await this.recordDurably({ ...actor, subject }, { ...decided, record });
      return record;
    }
  }

  /** What is answered stays plain; what is hidden leaves for the store sealed. */
  private async recordDurably(actor: Actor, decided: Decided): Promise<void> {
    const { record, entryPoint } = decided;
    const keys = entryPoint.hidden && (await this.sealing.keysFor(actor.organizationId, [subjectOf(record)]));
    const source = { type: 'decision', id: record.executionId };
    const place = { epoch: this.installation.epoch, source, streamVersion: 1, ordinal: 0, id: record.executionId };
    const event = eventRow(actor, this.sealing.event(decided, keys), this.eventTypes.get(rulesExecuted.type), place);
    return this.recorder.record({ event, ruleIds: matchedOrFailed(record) });
  }
}

function ownedBy(entryPoint: PreparedEntryPoint, subject: Subject): OwnedEntryPoint {
  const { name, owner } = entryPoint;
  if (owner?.subjectType === subject.type) return { ...entryPoint, owner };
  const allowed = owner ? `only subjects of type ${owner.subjectType}` : 'no subject, because no context owns its rows';
  throw invalid('wrong-subject', `${name} takes ${allowed}.`, {
    violations: [{ pointer: '#/subject/type', message: `must not be ${subject.type}` }],
  });
}
