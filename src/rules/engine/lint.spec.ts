import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { createActionRegistry } from './action-types.js';
import { lintRule } from './lint.js';
import type { RuleAction, RuleDefinition } from './rule.js';

const task: RuleAction = { type: 'set_field', parameters: { field: 'lead.priority', value: 'high' } };

const ruleWith = (parts: Partial<RuleDefinition>): RuleDefinition => ({
  id: 'r-1',
  version: 1,
  name: 'rule',
  priority: 0,
  createdAt: '2026-01-01T00:00:00Z',
  enabled: true,
  stopOnMatch: false,
  actions: [task],
  ...parts,
});

const schema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: {
    lead: {
      type: 'object',
      additionalProperties: false,
      properties: {
        score: { type: 'integer' },
        priority: { enum: ['low', 'high'] },
        email: { type: ['string', 'null'] },
        tags: { type: 'array', items: { type: 'string' } },
        custom: { type: 'object' },
        other: { anyOf: [{ type: 'string' }, { type: 'number' }] },
      },
    },
  },
};

const actionTypes = createActionRegistry();
const changeableFields = ['lead.priority', 'lead.score', 'status'];
const lint = (parts: Partial<RuleDefinition>) => lintRule(ruleWith(parts), { actionTypes, schema, changeableFields });
const pointersOf = (parts: Partial<RuleDefinition>) => lint(parts).map(({ pointer }) => pointer);
const nested = (depth: number): JsonValue => (depth === 0 ? true : { '!': [nested(depth - 1)] });

it('a sound rule passes, in both forms', () => {
  expect(
    lint({ condition: { and: [{ '>': [{ var: 'lead.score' }, 70] }, { '==': [{ var: 'lead.email' }, null] }] } }),
  ).toEqual([]);
  expect(lint({ conditions: [{ field: 'lead.score', operator: 'greater_than', value: 70 }] })).toEqual([]);
});

describe('form', () => {
  it.each<[JsonValue, readonly string[]]>([
    [{ nope: [] }, ['#/condition/nope']],
    [{ '>': [1] }, ['#/condition/%3E']],
    [{ if: 5 }, ['#/condition/if']],
    [{ '!': [1, 2] }, ['#/condition/!']],
    [{ and: [{ substr: ['a'] }, { '%': [1] }] }, ['#/condition/and/0/substr', '#/condition/and/1/%25']],
    [{ '+': { var: 'lead.tags' } }, []],
    [nested(32), []],
    [nested(33), ['#/condition']],
    [{ and: Array<JsonValue>(1_999).fill(true) }, []],
    [{ and: Array<JsonValue>(2_000).fill(true) }, ['#/condition']],
    [{ in: [{ var: 'lead.email' }, Array.from({ length: 5_000 }, String)] }, []],
  ])('case %#', (condition, expected) => {
    expect(pointersOf({ condition })).toEqual(expected);
  });

  it('both forms or none are refused', () => {
    expect(pointersOf({})).toEqual(['#']);
    expect(pointersOf({ condition: true, conditions: [{ field: 'lead.score', operator: 'exists' }] })).toEqual(['#']);
  });
});

describe('types', () => {
  it.each<[JsonValue, number]>([
    [{ '===': [{ var: 'lead.score' }, '70'] }, 1],
    [{ '===': ['70', { val: ['lead', 'score'] }] }, 1],
    [{ '==': [{ var: 'lead.score' }, '70'] }, 0],
    [{ '>': [{ var: 'lead.score' }, 'many'] }, 1],
    [{ '<': [{ var: 'lead.tags' }, 3] }, 1],
    [{ '===': [{ var: 'lead.other' }, true] }, 0],
    [{ '===': [{ var: 'lead.custom.x' }, true] }, 0],
    [{ '===': [{ var: 'lead.email' }, null] }, 0],
    [{ '===': [{ var: 'lead.scroe' }, 1] }, 1],
    [{ var: 'lead.email.domain' }, 1],
    [{ var: 'lead.tags.0.x' }, 1],
    [{ some: [{ var: 'lead.tags' }, { '===': [{ var: 'anything' }, 1] }] }, 0],
    [{ '===': [{ var: '$user.role' }, 'x'] }, 0],
    [{ in: [{ var: 'lead.priority' }, [1, 2]] }, 1],
    [{ in: [{ var: 'lead.priority' }, ['low', 2]] }, 0],
    [{ in: [['x'], { var: 'lead.tags' }] }, 0],
  ])('condition case %#', (condition, count) => {
    expect(lint({ condition })).toHaveLength(count);
  });

  it.each<[string, string, JsonValue, string[]]>([
    ['lead.score', 'equals', 'x', ['#/conditions/0']],
    ['lead.score', 'greater_than', '70', ['#/conditions/0']],
    ['lead.score', 'between', [1, 'x'], ['#/conditions/0']],
    ['lead.score', 'matches', 'x', ['#/conditions/0']],
    ['lead.score', 'starts_with', 'x', ['#/conditions/0']],
    ['lead.tags', 'contains', 'x', []],
    ['lead.email', 'matches', 'x', []],
    ['lead.nope', 'equals', 1, ['#/conditions/0/field']],
    ['lead.nope', 'exists', true, []],
  ])('%s %s %j', (field, operator, value, expected) => {
    expect(pointersOf({ conditions: [{ field, operator, value }] })).toEqual(expected);
  });
});

describe('actions', () => {
  const setField = (field: string, value: JsonValue): RuleAction => ({
    type: 'set_field',
    parameters: { field, value },
  });

  it.each<[RuleAction, readonly string[]]>([
    [{ type: 'nope', parameters: {} }, ['#/actions/0/type']],
    [{ type: 'constructor', parameters: {} }, ['#/actions/0/type']],
    [{ type: 'set_field', parameters: { field: 'lead.score' } }, ['#/actions/0/parameters']],
    [{ type: 'adjust_field', parameters: { field: 'lead.score', by: 'x' } }, ['#/actions/0/parameters/by']],
    [{ type: 'adjust_field', parameters: { field: 'lead.score', by: '{{lead.score}}' } }, []],
    [{ type: 'adjust_field', parameters: { field: 'lead.priority', by: 1 } }, ['#/actions/0/parameters']],
    [{ type: 'set_outcome', parameters: { outcome: 'maybe' } }, ['#/actions/0/parameters/outcome']],
    [{ type: 'update', parameters: { fields: { 'lead.score': 1, 'lead.email': 'x' } } }, ['#/actions/0/parameters']],
    [{ type: 'update_status', parameters: { status: 'won' } }, ['#/actions/0/parameters']],
    [setField('lead.score', 'high'), ['#/actions/0/parameters']],
    [setField('lead.score', '{{lead.score}}'), []],
    [setField('lead.score', '{{lead.scroe}}'), ['#/actions/0/parameters']],
    [setField('lead.priority', 'Hello {{ }}'), ['#/actions/0/parameters']],
    [setField('{{lead.email}}', 1), ['#/actions/0/parameters/field']],
    [setField('lead.email', 'x'), ['#/actions/0/parameters']],
  ])('case %#', (action, expected) => {
    expect(pointersOf({ condition: true, actions: [action] })).toEqual(expected);
  });

  it('one rule sets a field once', () => {
    expect(pointersOf({ condition: true, actions: [task, task] })).toEqual(['#/actions/1/parameters']);
  });
});
