import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../kernel/json.js';
import { DEFAULT_SETTINGS, withDefaults } from './definition.js';
import type { WorkflowDraft } from './definition.js';
import { resolveVariables } from './variables.js';

const draft: WorkflowDraft = {
  name: 'Nurture',
  trigger: { type: 'event', eventType: 'crm.lead-created' },
  variables: [
    { name: 'lead', type: 'object', required: true },
    { name: 'days', type: 'number', default: 2 },
    { name: 'note', type: 'string' },
  ],
  steps: [{ id: 'wait', name: 'Wait', type: 'delay', configuration: { duration: 1 } }],
  settings: { retryAttempts: 0 },
};

describe('withDefaults', () => {
  it('fills in what was left out and keeps what was said', () => {
    expect(withDefaults(draft)).toEqual({
      ...draft,
      steps: [{ ...draft.steps[0], nextSteps: [] }],
      settings: { timeoutMs: 300_000, retryAttempts: 0, maxConcurrentExecutions: 100 },
    });
    const { variables: _variables, settings: _settings, ...bare } = draft;
    const own = { ...DEFAULT_SETTINGS, timeoutMs: 1000 };
    expect(withDefaults(bare, own)).toMatchObject({ variables: [], settings: own });
  });
});

describe('resolveVariables', () => {
  const definition = withDefaults(draft);

  it('gives every variable a value', () => {
    expect(resolveVariables(definition, { lead: { id: 1 }, event: { id: 'e' } })).toEqual({
      variables: { lead: { id: 1 }, days: 2, note: null, event: { id: 'e' } },
      violations: [],
    });
  });

  it.each<[JsonObject, string]>([
    [{}, '#/variables/lead'],
    [{ lead: null }, '#/variables/lead'],
    [{ lead: [] }, '#/variables/lead'],
    [{ lead: {}, days: '2' }, '#/variables/days'],
    [{ lead: {}, note: false }, '#/variables/note'],
    [{ lead: {}, 'a/b c': 1 }, '#/variables/a~1b%20c'],
    [{ lead: {}, toString: 1 }, '#/variables/toString'],
  ])('refuses %j at %s', (given, pointer) => {
    expect(resolveVariables(definition, given).violations.map((violation) => violation.pointer)).toEqual([pointer]);
  });

  it('takes no inherited member for a value', () => {
    const named = { ...definition, variables: [{ name: 'constructor', type: 'object' as const }] };
    expect(resolveVariables(named, {}).variables).toEqual({ constructor: null, event: null });
  });
});
