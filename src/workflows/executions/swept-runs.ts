import type pg from 'pg';
import type { DueRun } from './execution-store.js';

/** The sweeper looks at so many runs at a time. */
export const MAX_SWEPT_RUNS = 500;

/** The runs that are due and that nobody took, those first that wait longest. */
export const DUE_RUNS = `select organization_id as "organizationId", id, queue, fence from workflow_step_runs
  where status = 'waiting' and alarm_at <= app_now() order by alarm_at, id limit ${MAX_SWEPT_RUNS}`;

// So that the next look finds others; one that was taken and put off meanwhile keeps its new alarm.
const PUT_OFF = `update workflow_step_runs set alarm_at = app_now() + interval '30 seconds'
  where id = any($1) and status = 'waiting' and alarm_at <= app_now()`;

const EXPIRED = `select organization_id as "organizationId", id, queue, fence from workflow_step_runs
  where status = 'running' and lease_until < clock_timestamp() order by lease_until limit ${MAX_SWEPT_RUNS}`;

/** A run that wants a worker, of whatever organization. */
export interface SweptRun extends DueRun, Record<string, unknown> {
  readonly organizationId: string;
}

/** The step runs as the sweeper sees them: those of every organization. */
export class SweptRuns {
  constructor(
    /** Under the role sweeper. */
    private readonly pool: pg.Pool,
  ) {}

  /** Those whose alarm has come, the oldest alarms first, at most `MAX_SWEPT_RUNS`. */
  async due(): Promise<readonly SweptRun[]> {
    return (await this.pool.query<SweptRun>(DUE_RUNS)).rows;
  }

  /** Pushes the alarms of runs on by 30 seconds, where they have come. */
  async putOff(runs: readonly SweptRun[]): Promise<void> {
    await this.pool.query(PUT_OFF, [runs.map(({ id }) => id)]);
  }

  /** Those whose lease has ended, the first ended first, at most `MAX_SWEPT_RUNS`. */
  async expired(): Promise<readonly SweptRun[]> {
    return (await this.pool.query<SweptRun>(EXPIRED)).rows;
  }
}
