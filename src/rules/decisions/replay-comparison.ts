import { createPatch, type Operation } from 'rfc6902';
import { canonicalJson } from '../../kernel/canonical-json.js';
import type { JsonValue } from '../../kernel/json.js';
import type { Decision } from '../engine/decide.js';
import { TraceState } from '../engine/trace.js';
import type { DecisionRecord } from './decision-record.js';

/** What a decision decided, without what was done about it afterwards. */
export interface DecidedContent {
  readonly outcome: string;
  readonly blocked: boolean;
  readonly matchedRules: readonly string[];
  readonly effects: readonly JsonValue[];
  readonly errors: readonly JsonValue[];
}

/** What of a record is compared. */
export type ComparedRecord = Pick<DecisionRecord, 'outcome' | 'blocked' | 'candidates' | 'effects' | 'errors'>;

/** How a replay stands to its record. */
export interface ReplayComparison {
  readonly isEqual: boolean;
  /** JSON Patch (RFC 6902) from the recorded to the replayed content, empty when they are equal. */
  readonly difference: readonly Operation[];
}

/** The engine names no rule when a whole decision failed afterwards. */
const isOfRule = ({ ruleId }: { readonly ruleId: string }): boolean => ruleId !== '';

/** What the record says was decided: effects as the engine gave them, before any was carried out. */
export function recordedContent(record: ComparedRecord): DecidedContent {
  return {
    outcome: record.outcome,
    blocked: record.blocked,
    matchedRules: record.candidates.filter(([, , state]) => state === TraceState.True).map(([ruleId]) => ruleId),
    effects: record.effects.map(({ applied: _, result, ...effect }) => ({
      ...effect,
      // Only an adjustment has a result of the engine's own; others tell what carrying them out gave.
      ...(effect.type === 'adjust_field' && result !== undefined && { result }),
    })),
    errors: record.errors.filter(isOfRule) as unknown as JsonValue[],
  };
}

/** What a replay decided, told as its record tells it: of a decision that was rolled back all effects are. */
export function replayedContent(decision: Decision, record: ComparedRecord): DecidedContent {
  const { outcome, blocked, matchedRules, effects, errors } = decision;
  const content = { outcome, blocked, matchedRules, effects, errors } as unknown as DecidedContent;
  if (record.outcome !== 'effects_rolled_back') return content;
  return {
    ...content,
    outcome: record.outcome,
    blocked: record.blocked,
    effects: effects.map((effect) => ({ ...effect, status: 'rolled_back' })),
  };
}

/** Compares byte by byte what was recorded with what the replay decided. */
export function compareReplay(record: ComparedRecord, decision: Decision): ReplayComparison {
  const recorded = canonicalJson(recordedContent(record));
  const replayed = canonicalJson(replayedContent(decision, record));
  if (recorded === replayed) return { isEqual: true, difference: [] };
  return { isEqual: false, difference: createPatch(JSON.parse(recorded), JSON.parse(replayed)) };
}

/**
 * The failure policy that the entry point had. It shows only where a rule failed, and there it is what closed the
 * decision or did not; so it needs no place in the record.
 */
export const recordedPolicy = ({ blocked }: Pick<DecisionRecord, 'blocked'>): 'fail_open' | 'fail_closed' =>
  blocked ? 'fail_closed' : 'fail_open';
