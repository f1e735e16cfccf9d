import { describe, expect, test } from '@jest/globals';
import { EventTypes } from '../../audit/audit.contract.js';
import type { JsonObject } from '../../kernel/json.js';
import type { WorkflowDraft } from '../engine/definition.js';
import { StepActions } from '../executions/step-actions.js';
import { checkCondition, conditionHolds } from './conditions.js';
import { DefinitionCheck } from './definition-check.js';
import { Workflow } from './workflow.js';

const by = { userId: 'u', now: new Date(0) };
const definition: WorkflowDraft = { name: 'Example', trigger: { type: 'manual' }, steps: [] };
const authored = { isEnabled: true, definition };
const create = () => Workflow.create({ id: 'w', organizationId: 'o' }, authored, by).workflow;

describe('a workflow', () => {
  test('counts its definitions and tells each', () => {
    const workflow = create();
    const events = workflow.revise({ ...authored, isEnabled: false }, by, 1);
    expect(workflow).toMatchObject({ definitionVersion: 2, isEnabled: false });
    expect(events).toMatchObject([{ type: 'workflows.workflow-revised', payload: { version: 2, isEnabled: false } }]);
    expect(() => workflow.revise(authored, by, 1)).toThrow(expect.objectContaining({ kind: 'stale' }));
  });

  test('starts when it is enabled and there', () => {
    const workflow = create();
    expect(() => workflow.expectStartable()).not.toThrow();
    workflow.revise({ ...authored, isEnabled: false }, by, undefined);
    expect(() => workflow.expectStartable()).toThrow(expect.objectContaining({ code: 'workflow-disabled' }));
    workflow.archive(by.now, undefined);
    expect(() => workflow.expectStartable()).toThrow(expect.objectContaining({ code: 'workflow-archived' }));
    expect(() => workflow.revise(authored, by, undefined)).toThrow(
      expect.objectContaining({ code: 'workflow-archived' }),
    );
  });
});

describe('conditions', () => {
  const at = { executionId: 'e', now: new Date(0) };

  test('hold in both forms as they do in rules', () => {
    const data = { lead: { score: 80 } };
    expect(conditionHolds({ condition: { '>': [{ var: 'lead.score' }, 50] } }, data, at)).toBe(true);
    expect(conditionHolds({ conditions: [{ field: 'lead.score', operator: 'less_than', value: 50 }] }, data, at)).toBe(
      false,
    );
  });

  test('are refused where they are wrong', () => {
    expect(checkCondition({ condition: { and: [{ no_such: 1 }] } })).toMatchObject([
      { pointer: '#/condition/and/0/no_such' },
    ]);
    expect(checkCondition({ conditions: [{ field: 'a', operator: 'no_such', value: 1 }] })).toMatchObject([
      { pointer: '#/conditions/0/operator' },
    ]);
  });
});

test('an event cannot give a variable that must be given', () => {
  const actions = new StepActions();
  actions.register({
    name: 'note',
    queue: 'workflow-steps',
    parametersSchema: { type: 'object' },
    run: async () => null,
  });
  const eventTypes = new EventTypes();
  eventTypes.register([{ type: 'crm.lead-created', version: 1, isPublished: true, description: 'A lead was made.' }]);
  const check = new DefinitionCheck(actions, eventTypes);
  const draft = (variable: JsonObject): JsonObject => ({
    name: 'Example',
    trigger: { type: 'event', eventType: 'crm.lead-created' },
    variables: [{ name: 'lead', type: 'object', ...variable }],
    steps: [{ id: 'a', name: 'A', type: 'action', configuration: { action: 'note' } }],
  });
  expect(check.violations(draft({ required: true }))).toMatchObject([{ pointer: '#/variables/0/required' }]);
  expect(check.violations(draft({ required: true, default: {} }))).toEqual([]);
  expect(check.violations(draft({}))).toEqual([]);
  expect(() => check.expectValid(draft({ required: true }))).toThrow(
    expect.objectContaining({ code: 'invalid-workflow' }),
  );
});
