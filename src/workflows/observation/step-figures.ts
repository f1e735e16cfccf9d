import type { Sql } from '../../platform/database/sql.js';
import { scopeValues, type MetricsScope } from './execution-figures.js';
import { percentiles, percentilesOf, type Percentiles } from './percentiles.js';

/** Finished visits that figures are taken from, the newest: a busy quarter of a year has millions. */
const MAX_VISITS = 50_000;
/** Most steps of one answer. */
export const MAX_STEPS = 100;

/** A step of a workflow. */
export interface NamedStep {
  readonly workflowId: string;
  readonly workflowName: string;
  readonly stepId: string;
}

/** How long visits of a step took that ended in the range, in milliseconds. */
export interface StepFigures extends NamedStep {
  readonly visits: number;
  readonly failed: number;
  /** From when the last attempt could begin and was taken to the end. */
  readonly active: Percentiles;
  /** Before that: for a worker, for its delay, for its earlier attempts. */
  readonly waiting: Percentiles;
}

/** Why visits of a step failed for good. */
export interface StepFailures extends NamedStep {
  readonly code: string;
  readonly count: number;
}

/** Visits of a step that are waiting now. */
export interface WaitingStep extends NamedStep {
  readonly waiting: number;
  /** Those whose time has come, and that nobody has taken. */
  readonly overdue: number;
  /** Since when the first of them waits. */
  readonly oldestSince: Date;
}

// A run that waits for what has no time is due when that came; one that ended without it has no due time to tell.
const ENDED = `ended as (
    select workflow_id, step_id, status, error, started_at, ended_at,
      case when isfinite(due_at) then due_at else started_at end as due_at
    from workflow_step_runs
    where organization_id = $1 and ended_at >= $2 and ended_at < $3 and ($4::uuid is null or workflow_id = $4)
      and status in ('completed', 'failed') and started_at is not null
    order by ended_at desc limit ${MAX_VISITS}
  )`;

const milliseconds = (interval: string): string => `extract(epoch from ${interval}) * 1000`;

const named = (figures: string, order: string): string => `
  select w.id as "workflowId", w.name as "workflowName", figures.* from (${figures} limit ${MAX_STEPS}) figures
  join workflows w on w.organization_id = $1 and w.id = figures.workflow_id
  order by ${order}`;

const LATENCIES = `with ${ENDED} ${named(
  `select workflow_id, step_id as "stepId", count(*)::integer as visits,
    (count(*) filter (where status = 'failed'))::integer as failed,
    ${percentiles(`greatest(0, ${milliseconds('ended_at - greatest(started_at, due_at)')})`)} as active,
    ${percentiles(milliseconds('greatest(started_at, due_at) - least(started_at, due_at)'))} as waiting
  from ended group by workflow_id, step_id order by visits desc, step_id`,
  'visits desc, "stepId"',
)}`;

const FAILURES = `with ${ENDED} ${named(
  `select workflow_id, step_id as "stepId", coalesce(error ->> 'code', 'unknown') as code, count(*)::integer as count
  from ended where status = 'failed' group by workflow_id, step_id, code order by count desc, step_id, code`,
  'count desc, "stepId", code',
)}`;

const WAITING = named(
  `select workflow_id, step_id as "stepId", count(*)::integer as waiting,
    (count(*) filter (where due_at <= (select app_now())))::integer as overdue,
    min(coalesce(started_at, due_at)) as "oldestSince"
  from workflow_step_runs
  where organization_id = $1 and status = 'waiting' and ($2::uuid is null or workflow_id = $2)
  group by workflow_id, step_id order by waiting desc, step_id`,
  'waiting desc, "stepId"',
);

type Raw<T> = Omit<T, 'active' | 'waiting'> &
  Record<string, unknown> & { readonly active: number[]; readonly waiting: number[] };

/** The steps with the most visits, at most 100. */
export async function readStepFigures(sql: Sql, scope: MetricsScope): Promise<StepFigures[]> {
  const rows = await sql.read<Raw<StepFigures>>(scope.organizationId, LATENCIES, scopeValues(scope));
  return rows.map(({ workflowId, workflowName, stepId, visits, failed, active, waiting }) => ({
    workflowId,
    workflowName,
    stepId,
    visits,
    failed,
    active: percentilesOf(active)!,
    waiting: percentilesOf(waiting)!,
  }));
}

/** The commonest failures, at most 100. */
export async function readStepFailures(sql: Sql, scope: MetricsScope): Promise<StepFailures[]> {
  const rows = await sql.read<StepFailures & Record<string, unknown>>(
    scope.organizationId,
    FAILURES,
    scopeValues(scope),
  );
  return rows.map(({ workflowId, workflowName, stepId, code, count }) => ({
    workflowId,
    workflowName,
    stepId,
    code,
    count,
  }));
}

/** The steps at which most executions wait now, at most 100. */
export async function readWaitingSteps(sql: Sql, scope: Omit<MetricsScope, 'range'>): Promise<WaitingStep[]> {
  const { organizationId, workflowId = null } = scope;
  const rows = await sql.read<WaitingStep & Record<string, unknown>>(organizationId, WAITING, [
    organizationId,
    workflowId,
  ]);
  return rows.map(({ workflowId: id, workflowName, stepId, waiting, overdue, oldestSince }) => ({
    workflowId: id,
    workflowName,
    stepId,
    waiting,
    overdue,
    oldestSince,
  }));
}
