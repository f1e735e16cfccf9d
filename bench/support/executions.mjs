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
    insert into workflow_executions select (jsonb_populate_record(e, jsonb_build_object('id', made.execution_id))).*
    from workflow_executions e, made where e.id = $1
  )
  insert into workflow_step_runs select (jsonb_populate_record(r,
    jsonb_build_object('id', made.run_id, 'execution_id', made.execution_id) || $3::jsonb)).*
  from workflow_step_runs r, made where r.execution_id = $1`;

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

  /** Rows of a statement as the owner of the database. */
  async rows(statement, values = []) {
    return (await this.#owner.query(statement, values)).rows;
  }

  async close() {
    await this.#app.close();
    await this.#owner.end();
  }
}
