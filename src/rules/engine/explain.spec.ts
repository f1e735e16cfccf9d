import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { createActionRegistry } from './action-types.js';
import { type Candidate, decide } from './decide.js';
import { type ExplainedNode, explainExpression } from './explain-expression.js';
import { observe } from './explain-observation.js';
import { type KnownDecision, ruleOutcomes } from './explain.js';
import type { Facts } from './facts.js';
import type { RuleDefinition } from './rule.js';
import { type CompiledRule, compileRule, compileRuleSet } from './rule-set.js';
import { TraceState } from './trace.js';

const actionTypes = createActionRegistry();
const facts: Facts = {
  now: '2026-03-01T00:00:00.000Z',
  seed: 's',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: 'u-1', role: 'sales', permissions: [] },
};
const ruleWith = (more: Partial<RuleDefinition>): RuleDefinition => ({
  id: 'r',
  version: 1,
  name: 'Rule',
  priority: 0,
  createdAt: '2026-01-01T00:00:00.000Z',
  enabled: true,
  stopOnMatch: false,
  actions: [],
  ...more,
});
const showAll = (): boolean => false;

function explain(
  condition: JsonValue,
  context: JsonObject,
  isHidden: (path: string) => boolean = showAll,
): ExplainedNode {
  const rule = compileRule(ruleWith({ condition }), { actionTypes });
  const observation = observe(rule, { context, facts, functions: new Map() });
  return explainExpression(rule.expression, { states: observation.states, observation, facts, isHidden })[0]!;
}

describe('a condition', () => {
  it('is told with the states that deciding leaves', () => {
    const condition: JsonValue = {
      or: [{ '>': [{ var: 'a' }, 3] }, { '==': [{ '/': [1, { var: 'b' }] }, 1] }, { '!': [true] }],
    };
    const set = compileRuleSet([ruleWith({ condition })], { actionTypes, failurePolicy: 'fail_open' });
    for (const context of [{ a: 4 }, { a: 1, b: 1 }, { a: 1, b: 0 }] as JsonObject[]) {
      const [candidate] = decide(set, context, facts).candidates;
      const states = { [TraceState.True]: 'true', [TraceState.Error]: 'error' } as Record<number, string>;
      expect(explain(condition, context).state).toBe(states[candidate![2]]);
    }
    expect(explain(condition, { a: 1, b: 0 }).parts).toEqual([
      expect.objectContaining({ operator: '>', state: 'false', value: false }),
      expect.objectContaining({ operator: '==', state: 'error', pointer: '#/condition/or/1/==' }),
      expect.objectContaining({ operator: '!', state: 'not_reached', value: undefined, reads: undefined }),
    ]);
  });

  it.each<[string, JsonValue, readonly object[]]>([
    ['var', { var: ['a.b', 1] }, [{ path: 'a.b', value: 2 }]],
    ['var without a value', { var: 'none' }, [{ path: 'none' }]],
    ['var, computed', { var: [{ cat: ['a', '.b'] }] }, [{ path: 'a.b', value: 2 }]],
    ['val', { val: ['a', 'b'] }, [{ path: 'a.b', value: 2 }]],
    ['exists', { exists: ['a', 'c'] }, [{ path: 'a.c' }]],
    ['missing', { missing: ['a.b', 'x'] }, [{ path: 'a.b', value: 2 }, { path: 'x' }]],
    ['missing_some', { missing_some: [1, ['x', 'a.b']] }, [{ path: 'x' }, { path: 'a.b', value: 2 }]],
    ['facts', { var: '$user.role' }, [{ path: '$user.role', value: 'sales' }]],
  ])('tells what it read: %s', (_, condition, reads) => {
    expect(explain(condition, { a: { b: 2 } }).reads).toEqual(reads);
  });

  it('of a field form tells also what was missing', () => {
    const conditions: JsonValue = [
      { field: 'a', operator: 'exists' },
      { field: 'gone', operator: 'equals', value: 1 },
    ];
    const rule = compileRule(ruleWith({ conditions }), { actionTypes });
    const observation = observe(rule, { context: { a: 1 }, facts, functions: new Map() });
    const [root] = explainExpression(rule.expression, {
      states: observation.states,
      observation,
      facts,
      isHidden: showAll,
    });
    expect(root!.parts).toEqual([
      expect.objectContaining({ operator: 'exists', state: 'true', reads: [{ path: 'a', value: 1 }] }),
      expect.objectContaining({
        state: 'error',
        parts: [expect.objectContaining({ operator: 'field', state: 'error', reads: [{ path: 'gone' }] })],
      }),
    ]);
  });
});

describe('hidden values', () => {
  const isHidden = (path: string): boolean => path === 'who' || path.startsWith('who.');

  it('are not told, nor what was made of them; states are', () => {
    const found = explain({ '==': [{ cat: [{ var: 'who.name' }, '!'] }, 'Ida!'] }, { who: { name: 'Ida' } }, isHidden);
    expect(JSON.stringify(found)).not.toContain('Ida');
    expect(found).toMatchObject({ state: 'true', value: '***', parts: [{ value: '***', parts: [{ value: '***' }] }] });
  });

  it('are not told as part of something greater, or as elements', () => {
    const whole = explain({ '!!': [{ var: '' }] }, { who: { name: 'Ida' }, a: 1 }, isHidden);
    expect(whole.parts![0]!.reads).toEqual([{ path: '', value: { who: '***', a: 1 } }]);
    const elements = explain(
      { some: [{ var: 'who.names' }, { '==': [{ var: '' }, 'Ida'] }] },
      { who: { names: ['Ida'] } },
      isHidden,
    );
    expect(JSON.stringify(elements)).not.toContain('Ida');
  });

  it('leave others alone', () => {
    expect(explain({ '>': [{ var: 'a' }, 1] }, { a: 2, who: 'Ida' }, isHidden)).toMatchObject({
      value: true,
      parts: [{ value: 2, reads: [{ path: 'a', value: 2 }] }],
    });
  });
});

describe('rules', () => {
  const compiled = (more: Partial<RuleDefinition>): CompiledRule =>
    compileRule(ruleWith({ condition: true, ...more }), { actionTypes });
  const known = (more: Partial<KnownDecision>): KnownDecision => ({
    rules: [],
    disabled: [],
    candidates: [],
    nowMs: Date.parse(facts.now),
    context: { industry: 'retail' },
    isHidden: showAll,
    ...more,
  });

  it('come by what became of them, each kind in the order of deciding', () => {
    const candidates: Candidate[] = [
      ['a', 1, TraceState.False, 'QA'],
      ['b', 1, TraceState.Error, 'wA'],
      ['c', 1, TraceState.True, 'gA'],
    ];
    const rules = [
      compiled({ id: 'a' }),
      compiled({ id: 'early', validUntil: '2026-02-01T00:00:00Z' }),
      compiled({ id: 'b' }),
      compiled({ id: 'unknown' }),
      compiled({ id: 'c', stopOnMatch: true }),
      compiled({ id: 'last' }),
    ];
    const outcomes = ruleOutcomes(known({ rules, candidates, disabled: [ruleWith({ id: 'off' })] }));
    expect(outcomes.map(({ definition, fate }) => [definition.id, fate])).toEqual([
      ['c', 'matched'],
      ['b', 'failed'],
      ['a', 'unmatched'],
      ['unknown', 'not_recorded'],
      ['early', 'outside_validity'],
      ['last', 'after_stop'],
      ['off', 'disabled'],
    ]);
    expect(outcomes.find(({ fate }) => fate === 'after_stop')?.stoppedBy).toBe('c');
  });

  it('that were no candidates tell the key that ruled them out, and what stood there', () => {
    const key = { path: 'industry', values: ['restaurant'], pointer: '#/conditions/0' };
    const types = new Set(['string' as const]);
    const rules = [{ ...compiled({}), indexKey: { ...key, matchesAbsent: false, types } }];
    expect(ruleOutcomes(known({ rules }))[0]).toMatchObject({
      fate: 'not_candidate',
      key: { ...key, found: 'retail' },
    });
    expect(ruleOutcomes(known({ rules, isHidden: () => true }))[0]?.key?.found).toBe('***');
    expect(ruleOutcomes(known({ rules, context: undefined }))[0]?.key).toMatchObject(key);
  });
});
