import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { newId } from '../../src/kernel/id.js';
import { createPool } from '../../src/platform/database/pool.js';
import { Sql } from '../../src/platform/database/sql.js';
import { readExecutionTimes, readThroughput, totalOf } from '../../src/workflows/observation/execution-figures.js';
import { metricsRange } from '../../src/workflows/observation/metrics-range.js';
import { readStepFailures, readStepFigures, readWaitingSteps } from '../../src/workflows/observation/step-figures.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const ROWS = 20_000;
const DAYS = 10;
const [organizationId, other] = [newId(), newId()];
const workflowIds = [newId(), newId()];
const END = new Date('2026-11-26T00:00:00.000Z');

let database: TestDatabase;
let owner: pg.Client;
let pool: pg.Pool;
let statements: { text: string; values: unknown[] }[];
let sql: Sql;

/** A statement's plan under row-level security. */
async function planOf({ text, values }: { text: string; values: unknown[] }): Promise<string> {
  const rows = await new Sql(pool).read<Record<string, string>>(organizationId, `explain ${text}`, values);
  return rows.map((row) => row['QUERY PLAN']!).join('\n');
}

/** Executions of both organizations, one in ten seconds of the last ten days; each has one visit of a step. */
const fill = `
  with made as (
    select n, case when n % 10 = 0 then $2::uuid else $1::uuid end as organization_id, md5(n || $1::text)::uuid as id,
      ($3::uuid[])[1 + n % 2] as workflow_id,
      $4::timestamptz - n * interval '${DAYS} days' / $5 as started_at,
      (n * 7919) % 1000 + 1 as took, n % 20 = 3 as has_failed, n % 4 = 1 as is_waiting
    from generate_series(1, $5::integer) as n
  ),
  executions as (
    insert into workflow_executions (organization_id, id, workflow_id, definition_version, version, status, variables,
      state, active_ms, correlation_id, causation_id, depth, created_by, started_at, completed_at)
    select organization_id, id, workflow_id, 1, 2,
      case when is_waiting then 'waiting' when has_failed then 'failed' else 'completed' end, '{}', '{}', took / 2, 'x', id,
      0, id, started_at, case when not is_waiting then started_at + took * interval '1 millisecond' end
    from made returning id
  )
  insert into workflow_step_runs (organization_id, id, execution_id, workflow_id, step_id, scope, visit, status, due_at,
    alarm_at, queue, error, started_at, ended_at)
  select organization_id, id, id, workflow_id, 'step' || n % 3, '', 1,
    case when is_waiting then 'waiting' when has_failed then 'failed' else 'completed' end,
    started_at + case when is_waiting then interval '20 days' else took / 2 * interval '1 millisecond' end,
    started_at + interval '20 days', 'workflow-steps', case when has_failed then '{"code": "away"}'::jsonb end, started_at,
    case when not is_waiting then started_at + took * interval '1 millisecond' end
  from made`;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  // Without foreign keys, so that only the rows which are read need be there.
  await owner.query('set session_replication_role = replica');
  for (const [index, id] of workflowIds.entries()) {
    await owner.query(
      `insert into workflows (organization_id, id, definition_version, definition, is_enabled, created_at, created_by,
         updated_at, updated_by) values ($1, $2, 1, $3, true, now(), $1, now(), $1)`,
      [organizationId, id, { name: `Workflow ${index}` }],
    );
  }
  await owner.query(fill, [organizationId, other, workflowIds, END, ROWS]);
  await owner.query('vacuum analyze workflow_executions, workflow_step_runs');
  pool = createPool(database.url, { role: 'app', max: 1, pipeline: true });
  sql = new Sql(pool);
  const read = sql.read.bind(sql);
  statements = [];
  sql.read = (organization, text, values = []) => {
    statements.push({ text, values: [...values] });
    return read(organization, text, values);
  };
}, 120_000);

afterAll(async () => {
  await pool.end();
  await owner.end();
  await database.drop();
});

const dayOf = (workflowId?: string) => ({
  organizationId,
  workflowId,
  range: metricsRange({ to: '2026-11-24T00:00:00Z' }, END),
});

/** The same by hand: executions of the organization that began in the day, with how long they took. */
async function plainDay(): Promise<{ took: number; hasFailed: boolean; isWaiting: boolean; step: string }[]> {
  const { rows } = await owner.query<{ took: number; hasFailed: boolean; isWaiting: boolean; step: string }>(
    `select extract(epoch from r.ended_at - r.started_at)::float8 * 1000 as took, r.status = 'failed' as "hasFailed",
       r.status = 'waiting' as "isWaiting", r.step_id as step
     from workflow_step_runs r where r.organization_id = $1
       and coalesce(r.ended_at, r.started_at) between '2026-11-23T00:00:00Z' and '2026-11-23T23:59:59.999Z'`,
    [organizationId],
  );
  return rows;
}

/** The value below which so much of the sorted values lies, between two of them in proportion. */
function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, another) => one - another);
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (high - low) * (place - Math.floor(place));
}

describe('the figures of workflows', () => {
  it('are those that are counted by hand', async () => {
    const day = await plainDay();
    const ended = day.filter(({ isWaiting }) => !isWaiting);
    const totals = totalOf(await readThroughput(sql, dayOf()));
    expect(totals).toMatchObject({
      completed: ended.filter(({ hasFailed }) => !hasFailed).length,
      failed: ended.filter(({ hasFailed }) => hasFailed).length,
    });
    const steps = await readStepFigures(sql, dayOf());
    expect(steps.reduce((sum, { visits }) => sum + visits, 0)).toBe(ended.length);
    const times = await readExecutionTimes(sql, dayOf());
    const active = ended.map(({ took }) => Math.floor(took / 2));
    expect(times.active!.p95).toBeCloseTo(percentile(active, 0.95), -1);
    const failures = await readStepFailures(sql, dayOf());
    expect(failures.reduce((sum, { count }) => sum + count, 0)).toBe(totals.failed);
    const waiting = await readWaitingSteps(sql, { organizationId, workflowId: undefined });
    expect(new Set(waiting.map(({ workflowId }) => workflowId))).toEqual(new Set([workflowIds[1]]));
    expect(await readWaitingSteps(sql, { organizationId, workflowId: workflowIds[1] })).toEqual(waiting);
    expect(await readWaitingSteps(sql, { organizationId, workflowId: workflowIds[0] })).toEqual([]);
  });

  it('are read by their indexes', async () => {
    statements.splice(0);
    await readThroughput(sql, dayOf());
    await readExecutionTimes(sql, dayOf());
    await readStepFigures(sql, dayOf());
    await readStepFailures(sql, dayOf());
    await readWaitingSteps(sql, dayOf());
    const plans: string[] = [];
    for (const statement of statements) plans.push(await planOf(statement));
    const [counts, times, figures, failures, waiting] = plans;
    expect(counts).toMatch(/workflow_executions_started[\s\S]*workflow_executions_ended/);
    expect(times).toContain('workflow_executions_ended');
    for (const plan of [figures, failures]) expect(plan).toContain('workflow_steps_ended');
    expect(waiting).toContain('workflow_steps_waiting');
    for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on workflow_(executions|step_runs)/);
  });
});
