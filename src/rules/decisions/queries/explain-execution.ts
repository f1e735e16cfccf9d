import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import type { Actor } from '../../../platform/http/actor.js';
import { type Candidate, SEMANTICS_VERSION } from '../../engine/decide.js';
import { type RuleFate, type RuleOutcome, ruleOutcomes } from '../../engine/explain.js';
import { ExecutionReader } from '../execution-reader.js';
import { type ExplainedRule, explainAll, type RecordedDecision } from '../explained-rule.js';
import { Readers } from '../readers.js';
import { RecordedDecisions } from '../recorded-decisions.js';
import { recordedPolicy } from '../replay-comparison.js';
import { RuleSetDecider } from '../rule-set-decider.js';
import { type RuleSet, RuleSets } from '../rule-sets.js';

/** Which rules of a decision to explain. */
export interface ExplainedPart {
  readonly ruleId?: string;
  /** From 1. */
  readonly page: number;
  /** Rules on a page. */
  readonly limit: number;
}

/** Why each rule of a decision's revision matched or did not. */
export interface ExecutionExplanation {
  readonly executionId: string;
  readonly entryPoint: string;
  readonly ruleSetRevision: number;
  readonly outcome: string;
  /** Whether values are gone for ever: then only the states of the conditions are told. */
  readonly isErased: boolean;
  /** When they differ, the states tell of that engine and the values of this one. */
  readonly semanticsVersion: { readonly recorded: number; readonly current: number };
  /** Number of rules by what became of them, over all pages. */
  readonly fates: Partial<Record<RuleFate, number>>;
  readonly rules: readonly ExplainedRule[];
  readonly page: number;
  readonly pages: number;
}

export class ExplainExecution extends Query<ExecutionExplanation> {
  constructor(
    readonly actor: Actor,
    readonly id: string,
    readonly part: ExplainedPart,
  ) {
    super();
  }
}

@QueryHandler(ExplainExecution)
export class ExplainExecutionHandler implements IQueryHandler<ExplainExecution> {
  constructor(
    private readonly recorded: RecordedDecisions,
    private readonly ruleSets: RuleSets,
    private readonly decider: RuleSetDecider,
    private readonly readers: Readers,
    private readonly reader: ExecutionReader,
  ) {}

  /** @throws not-found, also for a rule that the revision does not have */
  async execute({ actor, id, part }: ExplainExecution): Promise<ExecutionExplanation> {
    const { execution, isErased, stored } = await this.recorded.get(actor.organizationId, id);
    const { entryPoint, ruleSetRevision, outcome, semanticsVersion } = execution;
    const [shownExecution] = await this.reader.show(actor, [stored]);
    const decision = await this.decisionOf(actor, { execution, isErased, errors: shownExecution!.errors });
    const ruleSet = await this.setOf(actor.organizationId, decision);
    const outcomes = await this.outcomesOf(ruleSet, decision);
    const wanted = part.ruleId === undefined ? outcomes : only(outcomes, part.ruleId);
    const shown = wanted.slice((part.page - 1) * part.limit, part.page * part.limit);
    return {
      executionId: id,
      entryPoint,
      ruleSetRevision,
      outcome,
      isErased,
      semanticsVersion: { recorded: semanticsVersion, current: SEMANTICS_VERSION },
      fates: counts(outcomes),
      rules: await explainAll(shown, decision),
      page: part.page,
      pages: Math.ceil(wanted.length / part.limit),
    };
  }

  private async decisionOf(
    actor: Actor,
    known: Pick<RecordedDecision, 'execution' | 'isErased' | 'errors'>,
  ): Promise<RecordedDecision> {
    const { entryPoint: name } = known.execution;
    const isHidden = await this.readers.hiddenPaths(actor, name);
    return { ...known, isHidden, entryPoint: await this.readers.entryPointOf(actor.organizationId, name) };
  }

  /** Indexed as in production, to tell why a rule was no candidate, where the context still fits the schema. */
  private setOf(organizationId: string, { execution, isErased, entryPoint }: RecordedDecision): Promise<RuleSet> {
    const { entryPoint: name, ruleSetRevision, context } = execution;
    const isFitting = !isErased && entryPoint?.check(context).length === 0;
    return this.ruleSets.at(organizationId, name, ruleSetRevision, isFitting ? entryPoint.schema : undefined);
  }

  /** What was recorded counts; what was left out of the record is found by deciding once more. */
  private async outcomesOf(
    ruleSet: RuleSet,
    { execution, isErased, isHidden }: RecordedDecision,
  ): Promise<readonly RuleOutcome[]> {
    const { candidates, context, facts } = execution;
    const found: readonly Candidate[] = isErased
      ? []
      : (await this.decider.decide(ruleSet, recordedPolicy(execution), context, facts)).candidates;
    return ruleOutcomes({
      rules: ruleSet.compiled.rules,
      disabled: [...ruleSet.definitions.values()].filter(({ enabled }) => !enabled),
      candidates: [...found, ...candidates],
      nowMs: Date.parse(facts.now),
      ...(!isErased && { context }),
      isHidden,
    });
  }
}

function only(outcomes: readonly RuleOutcome[], ruleId: string): readonly RuleOutcome[] {
  const found = outcomes.filter(({ definition }) => definition.id === ruleId);
  if (found.length === 0) throw notFound('Rule', ruleId);
  return found;
}

function counts(outcomes: readonly RuleOutcome[]): Partial<Record<RuleFate, number>> {
  const fates: Partial<Record<RuleFate, number>> = {};
  for (const { fate } of outcomes) fates[fate] = (fates[fate] ?? 0) + 1;
  return fates;
}
