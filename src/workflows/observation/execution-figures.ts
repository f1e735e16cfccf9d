import type { Sql } from '../../platform/database/sql.js';
import { bucketCount, type MetricsRange } from './metrics-range.js';
import { percentiles, percentilesOf, type Percentiles } from './percentiles.js';

/** Whose executions, and when. */
export interface MetricsScope {
  readonly organizationId: string;
  /** Undefined for all workflows. */
  readonly workflowId: string | undefined;
  readonly range: MetricsRange;
}

/** The parameters $1 to $4 of every statement. */
export const scopeValues = ({ organizationId, workflowId, range: { from, to } }: MetricsScope): unknown[] => [
  organizationId,
  from,
  to,
  workflowId ?? null,
];

const ends = ['completed', 'failed', 'cancelled', 'compensated'] as const;

/** How many executions began and ended, by how they ended. */
export type ExecutionCounts = Readonly<Record<'started' | (typeof ends)[number], number>>;

/** What happened in one part of the range. */
export interface ThroughputBucket extends ExecutionCounts {
  readonly from: Date;
}

interface CountRow extends Record<string, unknown> {
  readonly bucket: number;
  readonly what: keyof ExecutionCounts;
  readonly count: number;
}

const bucketOf = (column: string): string => `floor(extract(epoch from ${column} - $2) / $5)::integer`;

const COUNTS = `
  select ${bucketOf('started_at')} as bucket, 'started' as what, count(*)::integer as count from workflow_executions
  where organization_id = $1 and started_at >= $2 and started_at < $3 and ($4::uuid is null or workflow_id = $4)
  group by bucket
  union all
  select ${bucketOf('completed_at')} as bucket, status, count(*)::integer from workflow_executions
  where organization_id = $1 and completed_at >= $2 and completed_at < $3 and ($4::uuid is null or workflow_id = $4)
  group by bucket, status`;

const noCounts = (): Record<keyof ExecutionCounts, number> => ({
  started: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
  compensated: 0,
});

/** Counts what began and ended in each part of the range; parts in which nothing did are there too. */
export async function readThroughput(sql: Sql, scope: MetricsScope): Promise<ThroughputBucket[]> {
  const { organizationId, range } = scope;
  const rows = await sql.read<CountRow>(organizationId, COUNTS, [...scopeValues(scope), range.bucketSeconds]);
  const buckets = Array.from({ length: bucketCount(range) }, (_, index) => ({
    from: new Date(range.from.getTime() + index * range.bucketSeconds * 1000),
    ...noCounts(),
  }));
  for (const { bucket, what, count } of rows) buckets[bucket]![what] = count;
  return buckets;
}

/** All parts together. */
export function totalOf(buckets: readonly ThroughputBucket[]): ExecutionCounts {
  const total = noCounts();
  for (const bucket of buckets) for (const what of ['started', ...ends] as const) total[what] += bucket[what];
  return total;
}

/** Failed ones among those that ended, 0 to 1; null when none did. */
export function failureRateOf(counts: ExecutionCounts): number | null {
  const ended = ends.reduce((sum, end) => sum + counts[end], 0);
  return ended === 0 ? null : counts.failed / ended;
}

/** How long executions took, in milliseconds: their steps running, and everything else. */
export interface ExecutionTimes {
  readonly active: Percentiles | null;
  readonly waiting: Percentiles | null;
}

const TIMES = `
  select ${percentiles('active_ms')} as active,
    ${percentiles('greatest(0, extract(epoch from completed_at - started_at) * 1000 - active_ms)')} as waiting
  from workflow_executions
  where organization_id = $1 and completed_at >= $2 and completed_at < $3 and ($4::uuid is null or workflow_id = $4)`;

/** The times of executions that ended in the range. */
export async function readExecutionTimes(sql: Sql, scope: MetricsScope): Promise<ExecutionTimes> {
  const [row] = await sql.read<{ active: number[] | null; waiting: number[] | null }>(
    scope.organizationId,
    TIMES,
    scopeValues(scope),
  );
  return { active: percentilesOf(row!.active), waiting: percentilesOf(row!.waiting) };
}
