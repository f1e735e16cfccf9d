import type { BacktestResult } from './backtest-result.js';
import type { BacktestStatus } from './backtest.js';

/** A back-test as callers see it. */
export interface BacktestView {
  readonly id: string;
  readonly version: number;
  readonly status: BacktestStatus;
  readonly ruleId: string;
  readonly ruleVersion: number;
  readonly entryPoint: string;
  readonly ruleSetRevision: number;
  readonly from: Date;
  readonly to: Date;
  readonly sample: number;
  readonly cpuShare: number;
  readonly segmentPath: string | null;
  /** Share of the span of time that was looked at, 0 to 1. */
  readonly progress: number;
  readonly result: BacktestResult;
  readonly failure: string | null;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

/** The columns of `backtests` in the shape of the view. */
export const BACKTEST_COLUMNS = `id, version, status, rule_id as "ruleId", rule_version as "ruleVersion",
  entry_point as "entryPoint", rule_set_revision as "ruleSetRevision", recorded_from as "from", recorded_to as "to",
  sample, cpu_share as "cpuShare", segment_path as "segmentPath", result, failure,
  case when status = 'completed' then 1 else trunc(extract(epoch from cursor_at - recorded_from)
    / extract(epoch from recorded_to - recorded_from), 4)::float8 end as progress,
  created_at as "createdAt", created_by as "createdBy", started_at as "startedAt", finished_at as "finishedAt"`;
