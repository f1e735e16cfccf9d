// Workflows whose steps do nothing, and executions of them by the thousand: written as rows, because what is measured is
// what the workers make of them.
import pg from 'pg';
import { CommandBus } from '@nestjs/cqrs';
import { createApplication } from '../../dist/application.js';
import { systemActor } from '../../dist/identity/identity.contract.js';
import { newId } from '../../dist/kernel/id.js';
import { loadConfiguration } from '../../dist/platform/config/configuration.js';
import { createLogger } from '../../dist/platform/logging/logger.js';
import { CreateWorkflow } from '../../dist/workflows/workflows.contract.js';
import { ExecuteWorkflow } from '../../dist/workflows/executions/commands/execute-workflow.js';

/** A wait that is over when it begins: a step that a worker does at once, and that costs nothing of its own. */
export const NO_WAIT = { until: '2020-01-01T00:00:00Z' };

/** Delays by their configuration, one after the other. */
const chainOf = (waits) =>
  waits.map((wait, index) => ({
    id: `step${index + 1}`,
    name: `Step ${index + 1}`,
    type: 'delay',
    configuration: wait,
    nextSteps: index + 1 < waits.length ? [`step${index + 2}`] : [],
  }));

// Copies share everything with their pattern but their ids and what the caller changes.
const COPY = `with made as (select uuidv7() as execution_id, uuidv7() as run_id from generate_series(1, $2)),
  executions as (
    insert into workflow_executions select copy.* from workflow_executions e, made,
      jsonb_populate_record(e, jsonb_build_object('id', made.execution_id)) copy
    where e.id = $1
  )
  insert into workflow_step_runs select copy.* from workflow_step_runs r, made,
    jsonb_populate_record(r, jsonb_build_object('id', made.run_id, 'execution_id', made.execution_id) || $3::jsonb) copy
  where r.execution_id = $1`;

// Of an execution that was started in the ordinary way there stands a delayed job in the queue.
const COPY_ALARMS = `insert into bullmq.job select copy.*
  from workflow_step_runs pattern
  join bullmq.job j on j.queue = pattern.queue and j.id = 's-' || pattern.id || '-0'
  join workflow_step_runs r on r.workflow_id = pattern.workflow_id,
    jsonb_populate_record(j, jsonb_build_object('id', 's-' || r.id || '-0', 'seq', nextval('bullmq.job_seq'),
      'data', jsonb_build_object('organizationId', r.organization_id, 'stepRunId', r.id))) copy
  where pattern.execution_id = $1
  on conflict do nothing`;

/** An application in this process that writes workflows and starts executions; workers are processes of their own. */
export class ExecutionSource {
  #app;
  #actor;
  #owner;

  static async open({ variables, ownerUrl }) {
    const source = new ExecutionSource();
    const configuration = loadConfiguration({ ...variables, PROCESS_ROLE: 'api', LOG_LEVEL: 'silent' });
    source.#app = await createApplication(configuration, createLogger(configuration));
    source.#owner = new pg.Pool({ connectionString: ownerUrl, max: 2 });
    const [{ id }] = await source.rows('select id from organizations');
    source.#actor = systemActor(id, { correlationId: newId() });
    return source;
  }

  get organizationId() {
    return this.#actor.organizationId;
  }

  /** @returns its id */
  async createWorkflow(name, waits) {
    const settings = { maxConcurrentExecutions: 100_000 };
    const definition = { name, trigger: { type: 'manual' }, steps: chainOf(waits), settings };
    const command = new CreateWorkflow(this.#actor, { enabled: true, definition });
    return (await this.#app.get(CommandBus).execute(command)).id;
  }

  /** @returns the execution's id */
  async start(workflowId) {
    return (await this.#app.get(CommandBus).execute(new ExecuteWorkflow(this.#actor, workflowId, {}))).executionId;
  }

  /** Copies an execution that waits at its first step; `changes` are columns of the new runs. */
  async copy(executionId, count, changes = {}) {
    await this.#owner.query(COPY, [executionId, count, JSON.stringify(changes)]);
  }

  /** Gives the copies of an execution the jobs in the queue that its first run has. @returns how many were added */
  async copyAlarms(executionId) {
    return (await this.#owner.query(COPY_ALARMS, [executionId])).rowCount;
  }

  /** Rows of a statement as the owner of the database. */
  async rows(statement, values = []) {
    return (await this.#owner.query(statement, values)).rows;
  }

  async close() {
    await this.#app.close();
    await this.#owner.end();
  }
}
