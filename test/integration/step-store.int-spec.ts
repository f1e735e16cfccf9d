import { CommandBus } from '@nestjs/cqrs';
import { EventTypes, Installation, UnitOfWork } from '../../src/audit/audit.contract.js';
import { newId } from '../../src/kernel/id.js';
import type { JsonObject } from '../../src/kernel/json.js';
import { Pools } from '../../src/platform/database/pools.js';
import { Queues } from '../../src/platform/queue/queues.js';
import { Sql } from '../../src/platform/database/sql.js';
import { CreateWorkflow } from '../../src/workflows/definitions/commands/create-workflow.js';
import { insertExecution, lockExecution, updateExecution } from '../../src/workflows/executions/execution-rows.js';
import { deliver } from '../../src/workflows/executions/deliveries/delivery.js';
import { deliveryToParent } from '../../src/workflows/executions/parent-delivery.js';
import { ExecutionStore } from '../../src/workflows/executions/execution-store.js';
import { SweptRuns } from '../../src/workflows/executions/swept-runs.js';
import { describeStepStore } from '../support/step-store-contract.js';
import type { SeenExecution, SeenRun, SeenTask, StoreScene } from '../support/store-scene.js';
import { startFixture, type WorkflowsFixture } from './workflows-application.js';

const RUNS = `select id, step_id as "stepId", scope, visit, status, attempt, fence, is_held_back as "isHeldBack", output, error,
    started_at is not null as "isStarted", ended_at is not null as "isEnded", lease_until is not null as "hasLease",
    delivered, ended_position::float8 as "endedPosition"
  from workflow_step_runs where execution_id = $1 order by id`;

const EXECUTION = `select version, status, state, current_step as "currentStep", error_message as "errorMessage",
    active_ms::float8 as "activeMs", completed_at is not null as "isCompleted"
  from workflow_executions where id = $1`;

const TASK = `select status, assignee, role, reminded_at is not null as "isReminded",
    escalated_at is not null as "isEscalated"
  from human_tasks where id = $1`;

const settings = (maxConcurrentExecutions: number | undefined): JsonObject =>
  maxConcurrentExecutions === undefined ? {} : { settings: { maxConcurrentExecutions } };

const openScene = async (fixture: WorkflowsFixture): Promise<StoreScene> => {
  const app = await fixture.start({ PROCESS_ROLE: 'api' });
  const { organizationId } = await fixture.seed(app, 'store');
  const actor = fixture.actor(organizationId);
  const unitOfWork = app.get(UnitOfWork);
  const storeOf = (worker: string): ExecutionStore =>
    new ExecutionStore({
      sql: app.get(Sql),
      installation: app.get(Installation),
      eventTypes: app.get(EventTypes),
      worker,
      defaultBound: 100,
    });
  let count = 0;
  return {
    organizationId,
    here: storeOf(newId()),
    there: storeOf(newId()),
    swept: new SweptRuns(app.get(Pools).get('swept-by-suite', { role: 'sweeper', max: 1 })),
    workflow: async (maxConcurrent) => {
      const steps = [{ id: 'a', name: 'a', type: 'delay', configuration: { duration: 1 } }];
      const definition = { name: `Store ${count++}`, trigger: { type: 'manual' }, steps, ...settings(maxConcurrent) };
      const command = new CreateWorkflow(actor, { enabled: true, definition });
      return (await app.get(CommandBus).execute(command)).id;
    },
    start: async (workflowId, change, parentStepRunId) => {
      const executionId = newId();
      const place = { workflowId, definitionVersion: 1, executionId, variables: {}, delivery: null };
      const execution = { ...change, ...place, ...(parentStepRunId !== undefined && { parentStepRunId }) };
      await unitOfWork.run(actor, (unit) => insertExecution(unit, newId(), execution));
      return executionId;
    },
    change: (executionId, version, change) =>
      unitOfWork.run(actor, async ({ em }) => {
        const { execution } = await lockExecution(em, organizationId, executionId);
        const delivery = deliveryToParent(execution!, change);
        return updateExecution(em, { ...change, organizationId, executionId, version, activeMs: 0, delivery });
      }),
    deliver: async (stepRunId, delivered) => {
      const wanted = [{ stepRunId, delivered }];
      const reached = await unitOfWork.run(actor, (unit) => deliver(unit, app.get(Queues), wanted));
      return reached.has(stepRunId);
    },
    task: async (stepRunId) => (await fixture.owner.query<SeenTask>(TASK, [stepRunId])).rows[0],
    pass: (milliseconds) => fixture.pass(`${milliseconds} milliseconds`),
    endLeases: async () => {
      await fixture.owner.query(
        `update workflow_step_runs set lease_until = clock_timestamp() - interval '1 ms' where status = 'running'`,
      );
    },
    runs: async (executionId) => (await fixture.owner.query<SeenRun>(RUNS, [executionId])).rows,
    execution: async (executionId) => {
      const { rows } = await fixture.owner.query<SeenExecution>(EXECUTION, [executionId]);
      return { ...rows[0]!, events: await fixture.eventTypes(executionId) };
    },
  };
};

describeStepStore('on PostgreSQL', async () => {
  const fixture = await startFixture();
  return { scene: await openScene(fixture), close: () => fixture.stop() };
});
