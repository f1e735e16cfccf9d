import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { propertyRuns } from '../../../test/support/property-runs.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { createActionRegistry } from './action-types.js';
import type { Facts } from './facts.js';
import type { RuleDefinition } from './rule.js';
import { compileRuleSet } from './rule-set.js';
import type { CompiledRule } from './rule-set.js';
import { createScope } from './scope.js';
import { ASK_CLOSURE, LAST_GENERATION } from './set-program.js';
import { packTrace, TraceState } from './trace.js';
import { isTruthy } from './values.js';

const facts: Facts = {
  now: '2026-03-01T00:00:00.000Z',
  seed: 's',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: 'u-1', role: 'sales', permissions: [] },
};

const ruleOf = (condition: JsonValue, index: number): RuleDefinition => ({
  id: `r${index}`,
  name: `Rule ${index}`,
  version: 1,
  priority: 0,
  createdAt: new Date(index).toISOString(),
  enabled: true,
  stopOnMatch: false,
  condition,
  actions: [],
});

const actionTypes = createActionRegistry();

const compile = (conditions: readonly JsonValue[]) =>
  compileRuleSet(conditions.map(ruleOf), { actionTypes, failurePolicy: 'fail_open' });

/** The closure of a rule: outcome and states, as the program packs them; undefined when it fails. */
function reference(rule: CompiledRule, context: JsonObject): number | undefined {
  const scope = createScope(context, facts, rule.nodeCount);
  try {
    const outcome = isTruthy(rule.evaluate(scope)) ? TraceState.True : TraceState.False;
    return packTrace(scope.trace, rule.nodeCount) * 4 + outcome;
  } catch {
    return undefined;
  }
}

const value = fc.constantFrom<JsonValue>(0, 1, 2, -1.5, '', '1', 'x', true, false, null);
const relation = fc
  .tuple(fc.constantFrom('==', '===', '!=', '<', '>='), fc.constantFrom('a', 'b', 'c.d'), value)
  .map(([operator, path, written]): JsonValue => ({ [operator]: [{ var: path }, written] }));
const { condition } = fc.letrec<{ condition: JsonValue }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    relation,
    fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(tie('condition'), { minLength: 1, maxLength: 3 }))
      .map(([connective, parts]): JsonValue => ({ [connective]: parts })),
  ),
}));
const member = fc.oneof(value, fc.constant([]), fc.constant([0]), fc.constant({}));
const context = fc
  .record({ a: member, b: member, d: member }, { requiredKeys: [] })
  .map(({ d, ...rest }): JsonObject => ({ ...rest, ...(d !== undefined && { c: { d } }) }));

describe('the program of a set', () => {
  it('says of every rule what its closure says, states included, or nothing', () => {
    let said = 0;
    const property = fc.property(
      fc.array(condition, { minLength: 1, maxLength: 8 }),
      fc.array(context, { minLength: 1, maxLength: 4 }),
      (conditions, contexts) => {
        const set = compile(conditions);
        for (const data of contexts) {
          const scope = createScope(data, facts, set.nodeCount);
          set.program.begin();
          const packed = set.rules.map((_rule, position) => set.program.run(position, scope));
          const expected = set.rules.map((rule, i) =>
            packed[i] === ASK_CLOSURE ? ASK_CLOSURE : reference(rule, data),
          );
          expect(packed).toEqual(expected);
          said += packed.filter((one) => one !== ASK_CLOSURE).length;
        }
      },
    );
    const runs = propertyRuns(1_000);
    fc.assert(property, { numRuns: runs });
    expect(said).toBeGreaterThan(runs);
  });

  it('asks a relation that stands in many rules once in a decision, and anew in the next one', () => {
    const set = compile([
      { '>': [{ var: 'a' }, 1] },
      { and: [{ '>': [{ var: 'a' }, 1] }, { '==': [{ var: 'b' }, 2] }] },
    ]);
    const outcomes = [
      { a: 2, b: 2 },
      { a: 0, b: 2 },
      { a: 2, b: 3 },
    ].map((data) => {
      const scope = createScope(data, facts, set.nodeCount);
      set.program.begin();
      return set.rules.map((_rule, position) => set.program.run(position, scope) & 3);
    });
    expect(outcomes).toEqual([
      [TraceState.True, TraceState.True],
      [TraceState.False, TraceState.False],
      [TraceState.True, TraceState.False],
    ]);
    const scope = createScope({ a: 2, b: 2 }, facts, set.nodeCount);
    set.program.begin();
    set.program.run(0, scope);
    // Within one decision a context does not change; here it does, to see that it is not read again.
    scope.data = { a: 0, b: 2 };
    expect(set.program.run(1, scope) & 3).toBe(TraceState.True);
  });

  it('does not take an answer of long ago when the numbers of decisions begin again', () => {
    const set = compile([{ '>': [{ var: 'a' }, 1] }]);
    const decideOver = (data: JsonObject): number => {
      set.program.begin();
      return set.program.run(0, createScope(data, facts, set.nodeCount)) & 3;
    };
    expect(decideOver({ a: 2 })).toBe(TraceState.True);
    // Counting so far takes a machine minutes under the mutation check.
    Object.assign(set.program, { generation: LAST_GENERATION });
    expect(decideOver({ a: 0 })).toBe(TraceState.False);
    expect(decideOver({ a: 2 })).toBe(TraceState.True);
  });

  it.each<[string, JsonValue]>([
    ['a path alone', { var: 'a' }],
    ['a negation', { '!': [{ '>': [{ var: 'a' }, 1] }] }],
    ['two paths', { '==': [{ var: 'a' }, { var: 'b' }] }],
    ['more nodes than fit into a number', { and: Array.from({ length: 8 }, () => ({ '>': [{ var: 'a' }, 1] })) }],
  ])('leaves %s to the closure', (_name, written) => {
    const set = compile([written]);
    set.program.begin();
    expect(set.program.run(0, createScope({ a: 2, b: 2 }, facts, set.nodeCount))).toBe(ASK_CLOSURE);
  });

  it.each<[string, JsonObject]>([
    ['leads nowhere', {}],
    ['holds what cannot be compared', { a: 'x' }],
  ])('leaves it to the closure where a path %s', (_name, data) => {
    const set = compile([{ '>': [{ var: 'a' }, 1] }]);
    set.program.begin();
    expect(set.program.run(0, createScope(data, facts, set.nodeCount))).toBe(ASK_CLOSURE);
  });

  it('takes a tuple again as long as the rule goes the same way', () => {
    const set = compile([{ '>': [{ var: 'a' }, 1] }]);
    const [holding, failing] = [{ a: 2 }, { a: 0 }].map((data) => {
      set.program.begin();
      return set.program.run(0, createScope(data, facts, set.nodeCount));
    }) as [number, number];
    const first = set.program.write(0, holding);
    expect(set.program.write(0, holding)).toBe(first);
    expect(set.program.write(0, failing)[2]).toBe(TraceState.False);
    expect(set.program.write(0, holding)).toEqual(first);
  });

  it('holds ready what a rule wants whose actions are all constant', () => {
    const setField = (value: JsonValue) => ({ type: 'set_field', parameters: { field: 'a', value } });
    const set = compileRuleSet(
      [
        { ...ruleOf(true, 0), stopOnMatch: true, actions: [setField(1), setField({ b: 2 })] },
        { ...ruleOf(true, 1), actions: [setField(1), setField('{{a}}')] },
        ruleOf(true, 2),
      ],
      { actionTypes, failurePolicy: 'fail_open' },
    );
    const actionType = actionTypes.get('set_field');
    const actions = [1, { b: 2 }].map((value) => ({ ruleId: 'r0', actionType, parameters: { field: 'a', value } }));
    expect([0, 1, 2].map((position) => set.program.matchAt(position))).toEqual([
      { ruleId: 'r0', stopOnMatch: true, actions },
      undefined,
      { ruleId: 'r2', stopOnMatch: false, actions: [] },
    ]);
  });
});
