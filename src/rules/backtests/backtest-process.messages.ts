import type { ExecutionView } from '../decisions/execution-view.js';
import type { PortableRuleSet } from '../engine/portable-rule-set.js';
import type { RuleDefinition } from '../engine/rule.js';
import type { BacktestResult } from './backtest-result.js';
import type { BacktestScope } from './backtest.js';

// Messages travel as JSON.

/** A place in the trail; `at` is ISO 8601. */
export interface TrailPlace {
  readonly at: string;
  readonly id: string;
}

/** Which recorded decisions are read; `to` is ISO 8601. */
export type RecordedScope = Pick<BacktestScope, 'sample' | 'cpuShare'> & {
  readonly organizationId: string;
  readonly entryPoint: string;
  readonly to: string;
};

/** What a process compares. */
export interface ComparerAssignment {
  readonly scope: RecordedScope;
  readonly cursor: TrailPlace;
  /** The set that the draft would change, with the functions that the draft calls. */
  readonly ruleSet: PortableRuleSet;
  /** Takes the place of the rule with its id. */
  readonly draft: RuleDefinition;
  readonly segmentPath: string | null;
}

/** The first message to a process. */
export interface ComparerStart {
  readonly databaseUrl: string;
  readonly assignment: ComparerAssignment;
}

/** What a recorded decision was taken over. */
export type RecordedCase = Pick<ExecutionView, 'id' | 'context' | 'facts' | 'sealed'>;

/** The answer to sealed decisions: those that can still be opened, in plain values. */
export interface RevealedCases {
  readonly cases: readonly RecordedCase[];
  /** Decisions whose values are gone for ever. */
  readonly erased: number;
}

/** What was found since the last report, and where in the trail the process is. */
export interface ComparerReport {
  readonly kind: 'report';
  readonly found: BacktestResult;
  readonly cursor: TrailPlace;
  /** Whether nothing comes after it. */
  readonly isComplete: boolean;
}

/** From a process: sealed decisions that it cannot open itself, or a report about once a second. */
export type ComparerMessage = ComparerReport | { readonly kind: 'sealed'; readonly cases: readonly RecordedCase[] };

/** The last message of a process that cannot go on. */
export interface ComparerFailure {
  readonly kind: 'failed';
  readonly reason: string;
}
