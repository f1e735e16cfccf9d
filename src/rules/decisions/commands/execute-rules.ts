import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import { DomainError, invalid, notFound } from '../../../kernel/domain-error.js';
import type { Subject } from '../../../kernel/domain-event.js';
import type { JsonObject } from '../../../kernel/json.js';
import type { Actor } from '../../../platform/http/actor.js';
import { EntryPoints, type PreparedEntryPoint } from '../../entry-points/entry-points.js';
import { Decider, type Decided } from '../decider.js';
import { assertContextSize } from '../context-size.js';
import type { DecisionRecord } from '../decision-record.js';
import { DecisionRecorder } from '../decision-recorder.js';
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
    private readonly subjectDecisions: SubjectDecisions,
    private readonly unitOfWork: UnitOfWork,
    private readonly recorder: DecisionRecorder,
  ) {}

  async execute({ actor, request }: ExecuteRules): Promise<DecisionRecord> {
    const entryPoint = await this.entryPoints.get(actor.organizationId, request.entryPoint);
    const { subject } = request;
    assertContextSize(request.context);
    if (subject) return this.decideAboutSubject(actor, ownedBy(entryPoint, subject), { ...request, subject });
    const decided = await this.decider.decide(actor, { entryPoint, context: request.context });
    if (!request.isDryRun) await this.recorder.record(actor, decided);
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
      await this.recorder.record({ ...actor, subject }, { ...decided, record });
      return record;
    }
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
