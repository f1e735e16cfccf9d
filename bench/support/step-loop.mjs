// The limit of steps: a plain loop of one statement on the same tables, which takes a due run under SKIP LOCKED, ends it,
// moves the execution on, tells it by an event and inserts the next run. No queue, no lease, no engine. Answers `run` with
// the steps that it did and the milliseconds they took.
import { createHash } from 'node:crypto';
import pg from 'pg';
import { newId, timeOfId } from '../../dist/kernel/id.js';

const { steps, ownerUrl, connections } = JSON.parse(process.env.STEP_LOOP);
const pool = new pg.Pool({ connectionString: ownerUrl, max: connections });

const STEP = `with due as (
    select id from workflow_step_runs where status = 'waiting' and alarm_at <= clock_timestamp()
    order by alarm_at, id limit 1 for update skip locked
  ),
  ended as (
    update workflow_step_runs r set status = 'completed', fence = r.fence + 1, output = 'null', ended_at = clock_timestamp()
    from due where r.id = due.id returning r.*
  ),
  execution as (
    update workflow_executions e set version = e.version + 1, state = $1::jsonb, current_step = 'step' || ended.visit,
      status = case when ended.visit < $2 then 'running' else 'completed' end, completed_at = case when ended.visit = $2 then clock_timestamp() end
    from ended where e.organization_id = ended.organization_id and e.id = ended.execution_id returning e.*
  ),
  told as (
    insert into events (epoch, id, occurred_at, organization_id, stream, stream_version, ordinal, type, version,
      subject_type, subject_id, actor_type, actor_id, correlation_id, causation_id, depth, published, payload, leaf_hash)
    select 1, $3::uuid, $4::timestamptz, organization_id, 'workflow-execution:' || id, version, 0, 'workflows.step-completed',
      1, 'workflow-execution', id, 'system', organization_id, correlation_id, causation_id, 1, false,
      convert_to($5, 'UTF8'), $6::bytea
    from execution
  ),
  next as (
    insert into workflow_step_runs (organization_id, id, execution_id, workflow_id, step_id, scope, visit, status, due_at,
      alarm_at, queue, input, started_at)
    select organization_id, $7::uuid, execution_id, workflow_id, 'step' || visit + 1, '', visit + 1, 'waiting',
      clock_timestamp(), clock_timestamp(), queue, 'null', clock_timestamp()
    from ended where visit < $2
  )
  select count(*)::int as steps from ended`;

// As large as what the engine writes half-way.
const ids = Array.from({ length: steps / 2 }, (_, index) => `step${index + 1}`);
const state = JSON.stringify({
  open: [{ stepId: 'step1', scope: '', visit: 1, attempt: 1 }],
  visits: Object.fromEntries(ids.map((id) => [id, 1])),
  outputs: Object.fromEntries(ids.map((id) => [id, null])),
});
const payload = JSON.stringify({ stepId: 'step1', stepName: 'Step 1', visit: 1, attempt: 1 });

const values = () => {
  const id = newId();
  const leafHash = createHash('sha256').update(payload).update(id).digest();
  return [state, steps, id, timeOfId(id).toISOString(), payload, leafHash, newId()];
};

const work = async () => {
  let done = 0;
  for (;;) {
    const { rows } = await pool.query({ name: 'step', text: STEP, values: values() });
    if (rows[0].steps === 0) return done;
    done += 1;
  }
};

const run = async () => {
  const start = performance.now();
  const done = await Promise.all(Array.from({ length: connections }, work));
  return { steps: done.reduce((sum, count) => sum + count, 0), milliseconds: performance.now() - start };
};

process.on('message', async () => process.send(await run()));
