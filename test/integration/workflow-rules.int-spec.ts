import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { UnitOfWork } from '../../src/audit/audit.contract.js';
import type { JsonObject } from '../../src/kernel/json.js';
import { ActionTypes } from '../../src/rules/rules.contract.js';
import { act, startScene, type WorkflowScene } from './workflow-scene.js';

let scene: WorkflowScene;

beforeAll(async () => {
  scene = await startScene();
});

afterAll(() => scene.fixture.stop());

/** What a rule does that triggers a workflow, in the transaction of its decision. */
const trigger = (parameters: JsonObject, depth = 0): Promise<unknown> => {
  const subject = { type: 'lead', id: scene.actor.organizationId };
  return scene.app.get(UnitOfWork).run({ ...scene.actor, depth, subject }, (unit) => {
    const apply = scene.app.get(ActionTypes, { strict: false }).applier('trigger_workflow')!;
    return apply({ unit, parameters, executionId: scene.actor.organizationId, subject, context: {} });
  });
};
const variables = [{ name: 'lead', type: 'object', required: true }];

it('rules start a workflow in their own transaction, about the same subject', async () => {
  const { name } = await scene.create({ steps: [act('a')], variables });
  const result = (await trigger({ workflow: name, variables: { lead: { score: 1 } } })) as { executionId: string };
  expect(result).toEqual({ started: true, executionId: expect.any(String) });
  expect(await scene.reaches(result.executionId, 'completed')).toMatchObject({
    subject: { type: 'lead', id: scene.actor.organizationId },
    variables: { lead: { score: 1 } },
  });
});

it.each([
  ['unknown-workflow', 'Nobody', {}, 0],
  ['invalid-variables', 'with-variable', {}, 0],
  ['too-deep', 'with-variable', { lead: {} }, 5],
])('rules that cannot start a workflow are not undone: %s', async (reason, workflow, given, depth) => {
  if (reason === 'invalid-variables') await scene.create({ name: workflow, steps: [act('a')], variables });
  expect(await trigger({ workflow, variables: given }, depth)).toMatchObject({ started: false, reason });
});
