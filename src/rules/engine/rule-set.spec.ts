import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { createActionRegistry } from './action-types.js';
import type { ActionRegistry } from './action-types.js';
import { decide } from './decide.js';
import type { RuleFunctions } from './expression.js';
import type { RuleAction, RuleDefinition } from './rule.js';
import { compileRule, compileRuleSet, parseCondition } from './rule-set.js';

const actionTypes = createActionRegistry();
const options = { actionTypes, failurePolicy: 'fail_open' } as const;
const facts = {
  ...{ now: '2026-03-01T12:00:00.000Z', seed: 's', arms: {}, acknowledgments: {}, preferences: {} },
  user: { id: 'u-1', role: 'sales', permissions: [] },
};
const setScore: RuleAction = { type: 'set_field', parameters: { field: 'score', value: 1 } };
const ruleWith = (condition: JsonValue, more: Partial<RuleDefinition> = {}): RuleDefinition => ({
  ...{ id: 'r', version: 1, name: 'Rule', priority: 0, createdAt: '2026-01-01T00:00:00.000Z', enabled: true },
  stopOnMatch: false,
  condition,
  actions: [setScore],
  ...more,
});

describe('what keeps a rule from being compiled', () => {
  const message = 'A rule has either condition (JSONLogic) or conditions (field form).';
  it.each([[{}], [{ condition: true, conditions: [] }]])('is told of its form: %j', (form) => {
    expect(parseCondition(form)).toEqual({
      expression: { kind: 'literal', value: null },
      nodeCount: 0,
      problems: [{ code: 'invalid-condition', pointer: '#', message }],
    });
  });

  it('is told of its actions, with the types that are known', () => {
    const rule = ruleWith(true, { actions: [setScore, { type: 'gone', parameters: {} }] });
    expect(() => compileRule(rule, { actionTypes })).toThrow(
      expect.objectContaining({
        code: 'unknown-action-type',
        message:
          'There is no action type "gone"; known are set_field, adjust_field, update, update_status, set_outcome.',
        details: {
          violations: [expect.objectContaining({ pointer: '#/actions/1/type', code: 'unknown-action-type' })],
        },
      }),
    );
  });

  it('is a fault of the rule; a fault of the program is not taken for one', () => {
    const broken = new Map() as ActionRegistry;
    broken.has = () => {
      throw new TypeError('broken');
    };
    expect(() => compileRuleSet([ruleWith(true)], { ...options, actionTypes: broken })).toThrow(TypeError);
  });
});

describe('a rule that cannot be compiled', () => {
  it('stands in its set without actions, keys or reads of permissions', () => {
    const [rule] = compileRuleSet([ruleWith({ nope: [{ var: '$user' }] })], options).rules;
    expect(rule).toMatchObject({
      ...{ expression: { kind: 'literal', value: null }, nodeCount: 0, actions: [], indexKeys: [] },
      readsPermissions: false,
      isTimed: false,
    });
  });
});

describe('times', () => {
  const times = (more: Partial<RuleDefinition>) => {
    const { isTimed, validFromMs, validUntilMs, createdAtMs } = compileRule(ruleWith(true, more), { actionTypes });
    return [isTimed, validFromMs, validUntilMs, createdAtMs];
  };
  const created = Date.UTC(2026, 0, 1);

  it('are open where nothing is written', () => {
    expect(times({})).toEqual([false, -Infinity, Infinity, created]);
    expect(times({ validFrom: null, validUntil: null })).toEqual([false, -Infinity, Infinity, created]);
    expect(times({ validFrom: '1970-01-01T00:00:01Z' })).toEqual([true, 1000, Infinity, created]);
    expect(times({ validUntil: '1970-01-01T00:00:01Z' })).toEqual([true, -Infinity, 1000, created]);
  });
});

it('parameters without a placeholder were checked when the rule was saved, and are not again', () => {
  const parameters = (value: JsonValue): RuleDefinition =>
    ruleWith(true, { actions: [{ type: 'update_status', parameters: { status: value } }] });
  const errorsOf = (value: JsonValue) =>
    decide(compileRuleSet([parameters(value)], options), { n: 5 }, facts).errors.map(({ code }) => code);
  expect(errorsOf(5)).toEqual([]);
  expect(errorsOf('{{n}}')).toEqual(['invalid-parameters']);
});

describe('a set', () => {
  const schema: JsonObject = { type: 'object', properties: { kind: { type: 'string' } } };
  const functions: RuleFunctions = new Map([['one', () => 1]]);

  it('knows what it was compiled with', () => {
    const plain = compileRuleSet([], options);
    expect(plain).not.toHaveProperty('schema');
    expect([plain.functions.size, plain.nodeCount, plain.readsPermissions]).toEqual([0, 0, false]);
    const set = compileRuleSet([ruleWith({ '===': [{ fn: 'one' }, 1] })], { ...options, schema, functions });
    expect(set.schema).toBe(schema);
    expect(set.functions).toBe(functions);
    expect(set.nodeCount).toBe(2);
    expect(decide(set, {}, facts).matchedRules).toEqual(['r']);
  });

  it('reads permissions when one of its rules does, and traces the largest of them', () => {
    const reading = ruleWith({ in: ['x', { var: '$user.permissions' }] }, { id: 'a' });
    const set = compileRuleSet([ruleWith(true), reading], options);
    expect([set.readsPermissions, set.nodeCount]).toEqual([true, 2]);
    expect(compileRuleSet([ruleWith(true)], options).readsPermissions).toBe(false);
  });

  it('orders rules of one priority and age by id, whatever order they come in', () => {
    const ids = ['c', 'a', 'e', 'b', 'd'];
    const inOrder = (list: readonly string[]) =>
      compileRuleSet(
        list.map((id) => ruleWith(true, { id })),
        options,
      ).rules.map(({ definition }) => definition.id);
    expect(inOrder(ids)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(inOrder(ids.toReversed())).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
