import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { UnitOfWork } from '../../src/audit/audit.contract.js';
import type { JsonObject } from '../../src/kernel/json.js';
import { Logger } from '../../src/platform/logging/logger.js';
import { ReviseWorkflow } from '../../src/workflows/definitions/commands/revise-workflow.js';
import { loadWorkflow } from '../../src/workflows/definitions/workflow-rows.js';
import { Executions } from '../../src/workflows/executions/executions.js';
import { eventually } from '../support/eventually.js';
import { act, registerActions, startScene, type WorkflowScene } from './workflow-scene.js';

let scene: WorkflowScene;
let second: NestFastifyApplication;

beforeAll(async () => {
  scene = await startScene();
  // Workers of a second process, so that transitions of one execution meet in the database as well.
  second = await scene.fixture.start({ PROCESS_ROLE: 'worker' });
  registerActions(second, scene.deeds);
});

afterAll(() => scene.fixture.stop());

const rows = async (statement: string, ...values: unknown[]): Promise<Record<string, unknown>[]> =>
  (await scene.fixture.owner.query<Record<string, unknown>>(statement, values)).rows;

/** Starts many executions of one workflow in one transaction. */
const startMany = (workflowId: string, times: number): Promise<void> =>
  scene.app.get(UnitOfWork).run(scene.actor, async (unit) => {
    const workflow = await loadWorkflow(unit.em, workflowId);
    const executions = scene.app.get(Executions, { strict: false });
    for (let n = 0; n < times; n++) await executions.start(unit, workflow, {});
  });

const statuses = (workflowId: string): Promise<Record<string, unknown>[]> =>
  rows(
    'select status, count(*)::int as count from workflow_executions where workflow_id = $1 group by status',
    workflowId,
  );

it('branches that end at once never lose an output', async () => {
  const branches = Array.from({ length: 20 }, (_, n) => `b${n}`);
  const { id } = await scene.create({
    steps: [
      {
        ...{ id: 'all', name: 'all', type: 'parallel', configuration: { join: 'all', then: 'last' } },
        nextSteps: branches,
      },
      ...branches.map((branch) => act(branch)),
      act('last'),
    ],
  });
  await startMany(id, 50);
  await eventually(async () => expect(await statuses(id)).toEqual([{ status: 'completed', count: 50 }]), 100_000);
  const lost = await rows(
    `select e.id, branch from workflow_executions e, unnest($2::text[]) as branch
     where e.workflow_id = $1 and e.state #>> array['outputs', branch, 'id'] is distinct from branch`,
    id,
    [...branches, 'last'],
  );
  expect(lost).toEqual([]);
  const twice = await rows(
    `select execution_id, step_id from workflow_step_runs where workflow_id = $1
     group by execution_id, step_id having count(*) <> 1`,
    id,
  );
  expect(twice).toEqual([]);
  expect(scene.deeds.done).toHaveLength(50 * 21);
}, 120_000);

it('executions finish on the version that they began with', async () => {
  const steps = (wait: string) => [{ id: wait, name: wait, type: 'delay', configuration: { duration: 1 } }];
  const workflow = await scene.create({ steps: steps('old'), settings: { maxConcurrentExecutions: 1_000 } });
  await startMany(workflow.id, 1_000);
  const { name, trigger } = workflow;
  const definition = { name, trigger, steps: steps('new') } as unknown as JsonObject;
  await scene.commands.execute(
    new ReviseWorkflow(scene.actor, workflow.id, { enabled: true, definition }, workflow.version),
  );
  await scene.execute(workflow.id);
  await scene.fixture.pass('1 day');
  await eventually(
    async () => expect(await statuses(workflow.id)).toEqual([{ status: 'completed', count: 1_001 }]),
    100_000,
  );
  const ran = await rows(
    `select e.definition_version as version, r.step_id as step, count(*)::int from workflow_step_runs r
     join workflow_executions e on e.id = r.execution_id where e.workflow_id = $1 group by 1, 2 order by 1, 2`,
    workflow.id,
  );
  expect(ran).toEqual([
    { version: 1, step: 'old', count: 1_000 },
    { version: 2, step: 'new', count: 1 },
  ]);
}, 120_000);

it('a workflow that starts itself by its own event stops where the chain becomes too deep, and says so', async () => {
  const warnings = [scene.app, second].map((app) => jest.spyOn(app.get(Logger), 'warn'));
  const trigger = {
    type: 'event',
    eventType: 'workflows.execution-completed',
    filter: { '==': [{ var: 'payload.name' }, 'Tail'] },
  };
  const { id } = await scene.create({ name: 'Tail', trigger, steps: [act('a')] });
  await scene.execute(id);
  const told = await eventually(async () => {
    const found = await rows(
      `select convert_from(payload, 'UTF8')::jsonb as payload, correlation_id from events
       where type = 'audit.chain-too-deep' and correlation_id = $1
         and convert_from(payload, 'UTF8')::jsonb ->> 'reaction' = 'start-workflows-when-event-happened'`,
      scene.actor.correlationId,
    );
    expect(found).not.toEqual([]);
    return found;
  }, 30_000);
  expect(told).toMatchObject([{ payload: { depth: 5 } }]);
  const executions = await rows(
    'select depth, status from workflow_executions where workflow_id = $1 order by depth',
    id,
  );
  expect(executions.map(({ depth }) => depth)).toEqual([0, 2, 4]);
  expect(executions.every(({ status }) => status === 'completed')).toBe(true);
  expect(warnings.flatMap(({ mock }) => mock.calls.map(([fields]) => fields))).toContainEqual(
    expect.objectContaining({ event: 'chain-too-deep', depth: 5 }),
  );
}, 60_000);
