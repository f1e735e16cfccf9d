import type { JsonObject } from '../../kernel/json.js';
import type { Facts } from '../engine/facts.js';
import type { PortableRuleSet } from '../engine/portable-rule-set.js';
import type { BacktestResult } from './backtest-result.js';

/** A recorded decision as the thread needs it. */
export interface RecordedCase {
  readonly executionId: string;
  readonly context: JsonObject;
  readonly facts: Facts;
}

/** What a thread compares. */
export interface ThreadAssignment {
  readonly before: PortableRuleSet;
  readonly after: PortableRuleSet;
  readonly ruleId: string;
  readonly segmentPath: string | null;
}

/** To the thread: further cases, or none to go on with those that it has. */
export interface ThreadOrder {
  readonly cases: readonly RecordedCase[];
}

/** From the thread, after each slice of work. */
export interface ThreadReport {
  readonly found: BacktestResult;
  /** Cases that are left of those it was given. */
  readonly left: number;
}
