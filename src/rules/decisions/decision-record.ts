import type { EventType } from '../../audit/audit.contract.js';
import type { DomainEvent } from '../../kernel/domain-event.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { SEMANTICS_VERSION, type Candidate, type RuleError } from '../engine/decide.js';
import type { EffectStatus } from '../engine/effects.js';
import type { Facts } from '../engine/facts.js';

/** What became of a decision as a whole. */
export type ExecutionOutcome = 'allow' | 'deny' | 'review' | 'effects_rolled_back' | 'too_deep';

/** An effect with what became of it. */
export interface RecordedEffect {
  readonly ruleId: string;
  readonly type: string;
  readonly parameters: JsonObject;
  readonly status: EffectStatus | 'rolled_back' | 'too_deep';
  /** Whether something was written because of it. */
  readonly applied: boolean;
  readonly result?: JsonValue;
}

/** All there is to know about one decision; `explain` and `replay` derive the rest from the immutable versions. */
export interface DecisionRecord {
  readonly executionId: string;
  readonly entryPoint: string;
  readonly ruleSetRevision: number;
  readonly context: JsonObject;
  readonly facts: Facts;
  readonly candidates: readonly Candidate[];
  readonly effects: readonly RecordedEffect[];
  readonly errors: readonly RuleError[];
  readonly outcome: ExecutionOutcome;
  readonly blocked: boolean;
  readonly durationUs: number;
}

export const rulesExecuted: EventType = {
  type: 'rules.executed',
  version: 1,
  isPublished: false,
  description:
    'A decision was taken: entry point, revision of the rule set, context, facts, candidates as ' +
    '[rule, version, outcome, trace], effects with results, errors, outcome, duration in microseconds; the seed of its facts is the event’s id; with `sealed`, hidden values are encrypted',
};

/**
 * What the event of a decision holds, all of it in plain; a seed that is its id is not written twice. Members stand in the
 * order in which they are stored, which spares every decision a sort.
 */
export function plainPayload(record: DecisionRecord): JsonObject {
  const { executionId, facts } = record;
  const { seed, ...others } = facts;
  return {
    blocked: record.blocked,
    candidates: record.candidates,
    context: record.context,
    durationUs: record.durationUs,
    effects: record.effects,
    entryPoint: record.entryPoint,
    errors: record.errors,
    facts: seed === executionId ? others : facts,
    outcome: record.outcome,
    ruleSetRevision: record.ruleSetRevision,
    semanticsVersion: SEMANTICS_VERSION,
  } as unknown as JsonObject;
}

/** What a payload says about itself. */
export interface PayloadForm {
  readonly semanticsVersion: number;
  /** Set while hidden values are as they are stored; SealedValues and ExecutionReader give views without it. */
  readonly sealed?: true;
}

/** A payload as `plainPayload` made it, or as it was sealed then. */
type StoredPayload = Omit<DecisionRecord, 'executionId' | 'facts'> &
  PayloadForm & { readonly facts: Omit<Facts, 'seed'> & Partial<Pick<Facts, 'seed'>> };

/** What a payload says of the decision with this id. */
export function recordedIn(
  executionId: string,
  payload: JsonObject,
): Omit<DecisionRecord, 'executionId'> & PayloadForm {
  const { facts, ...others } = payload as unknown as StoredPayload;
  return { ...others, facts: { seed: executionId, ...facts } };
}

/** The event of a decision; its id is the execution's. DecisionSealing makes the payload. */
export const recordEvent = (executionId: string, payload: JsonObject): DomainEvent => ({
  id: executionId,
  type: rulesExecuted.type,
  version: rulesExecuted.version,
  payload,
});

/** The rules to find a decision by: those that matched or failed. */
export function matchedOrFailed(record: Pick<DecisionRecord, 'candidates'>): string[] {
  return record.candidates.filter(([, , outcome]) => outcome > 1).map(([ruleId]) => ruleId);
}
