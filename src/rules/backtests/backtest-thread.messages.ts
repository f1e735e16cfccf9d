import type { JsonObject } from '../../kernel/json.js';
import type { Facts } from '../engine/facts.js';
import type { PortableRuleSet } from '../engine/portable-rule-set.js';
import type { BacktestResult } from './backtest-result.js';

/** A recorded decision in plain values. */
export interface RecordedCase {
  readonly executionId: string;
  readonly context: JsonObject;
  readonly facts: Facts;
}

/** A recorded decision as it is stored, when nothing in it is sealed: reading it is the thread's work too. */
export interface StoredCase {
  readonly executionId: string;
  /** JSON. */
  readonly payload: string;
}

/** What a thread compares. */
export interface ThreadAssignment {
  readonly entryPoint: string;
  readonly before: PortableRuleSet;
  readonly after: PortableRuleSet;
  readonly ruleId: string;
  readonly segmentPath: string | null;
  /** Milliseconds after which the thread asks whether to go on. */
  readonly sliceMs: number;
}

/** To the thread: further cases, or none to go on with those that it has. */
export interface ThreadOrder {
  readonly cases: readonly (RecordedCase | StoredCase)[];
}

/** From the thread, after each slice of work. */
export interface ThreadReport {
  readonly found: BacktestResult;
  /** Cases that are left of those it was given. */
  readonly left: number;
}
