import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CheckedExecution } from '../../../test/support/checked-execution.js';
import { EventTypes } from '../../audit/audit.contract.js';
import type { JsonObject } from '../../kernel/json.js';
import { DefinitionCheck } from './definition-check.js';
import { withDefaults } from '../engine/definition.js';
import { StepActions } from '../executions/step-actions.js';

const file = join(import.meta.dirname, '..', '..', 'seed', 'workflows', 'lead-nurturing.json');
const definition = JSON.parse(readFileSync(file, 'utf8')) as JsonObject;

test('the shipped nurture workflow can be saved, and sends two mails two days apart', () => {
  const actions = new StepActions();
  actions.register({
    name: 'send_email',
    queue: 'emails',
    parametersSchema: {
      type: 'object',
      required: ['template', 'recipient'],
      additionalProperties: false,
      properties: { template: { type: 'string' }, recipient: { type: 'string' }, data: { type: 'object' } },
    },
    run: async () => null,
  });
  const draft = new DefinitionCheck(actions, new EventTypes()).expectValid(definition);
  const execution = new CheckedExecution(withDefaults(draft));
  execution.deliver({ kind: 'started' });
  expect(execution.complete('send_welcome_email').starts).toMatchObject([{ delayMs: 2 * 86_400_000 }]);
  execution.due('wait_2_days');
  expect(execution.complete('send_followup').ended).toEqual({ status: 'completed' });
  const names = execution.ended.map((id) => execution.stepOf(id).name);
  expect(names).toEqual(['Send Welcome Email', 'Wait 2 Days', 'Send Follow-up']);
});
