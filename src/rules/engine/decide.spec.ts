import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { type ActionType, createActionRegistry } from './action-types.js';
import type { Candidate } from './candidate.js';
import { decide } from './decide.js';
import type { Facts } from './facts.js';
import type { RuleAction, RuleDefinition } from './rule.js';
import { compileRule, compileRuleSet, ruleKey } from './rule-set.js';
import type { FailurePolicy } from './rule-set.js';
import { decodeTrace, TraceState } from './trace.js';

const facts: Facts = {
  now: '2026-03-01T12:00:00.000Z',
  seed: 's',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: 'u-1', role: 'sales', permissions: [] },
  entity: 'lead',
  entityId: 'l-1',
};

const task = {
  type: 'create_task',
  parametersSchema: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] },
};
const stamp: ActionType = {
  type: 'stamp',
  parametersSchema: { type: 'object', properties: { by: { type: 'string' } }, required: ['by'] },
  resolve: (parameters, context) => ({ ...parameters, score: (context as JsonObject).score ?? null }),
};
const actionTypes = createActionRegistry([task, stamp]);

const ruleWith = (id: string, parts: Partial<RuleDefinition> = {}): RuleDefinition => ({
  id,
  version: 1,
  name: `Rule ${id}`,
  priority: 0,
  createdAt: '2026-01-01T00:00:00Z',
  enabled: true,
  stopOnMatch: false,
  ...(parts.conditions === undefined && { condition: true }),
  actions: [{ type: 'create_task', parameters: { title: id } }],
  ...parts,
});

const set = (field: string, value: JsonValue): RuleAction => ({ type: 'set_field', parameters: { field, value } });
const adjust = (field: string, parameters: JsonObject): RuleAction => ({
  type: 'adjust_field',
  parameters: { field, ...parameters },
});

const decideWith = (
  rules: readonly RuleDefinition[],
  context: JsonObject = {},
  failurePolicy: FailurePolicy = 'fail_open',
) => decide(compileRuleSet(rules, { actionTypes, failurePolicy }), context, facts);

describe('the cases of the source', () => {
  const context = { company: { size: 'enterprise' }, score: 85 };

  it('a lead that is large and scores high gets its priority and a task', () => {
    const rule = ruleWith('lead_rule_1', {
      conditions: [
        { field: 'company.size', operator: 'equals', value: 'enterprise' },
        { field: 'score', operator: 'greater_than', value: 70, logicalOperator: 'AND' },
      ],
      actions: [set('priority', 'high'), { type: 'create_task', parameters: { title: 'Call {{company.size}} lead' } }],
    });
    expect(decideWith([rule], context)).toEqual({
      outcome: 'allow',
      candidates: [['lead_rule_1', 1, TraceState.True, 'qoA']],
      matchedRules: ['lead_rule_1'],
      effects: [
        {
          ruleId: 'lead_rule_1',
          type: 'set_field',
          parameters: { field: 'priority', value: 'high' },
          status: 'effective',
        },
        {
          ruleId: 'lead_rule_1',
          type: 'create_task',
          parameters: { title: 'Call enterprise lead' },
          status: 'effective',
        },
      ],
      changes: { priority: 'high' },
      errors: [],
      blocked: false,
    });
  });

  it('a missing field fails that rule with an error that names it, and the others run', () => {
    const faulty = ruleWith('faulty_rule', {
      priority: 9,
      conditions: [{ field: 'nonexistent.field', operator: 'equals', value: 'test' }],
    });
    const alone = decideWith([faulty], context);
    expect(alone.matchedRules).toEqual([]);
    expect(alone.effects).toEqual([]);
    expect(alone.errors).toEqual([
      {
        ruleId: 'faulty_rule',
        ruleName: 'Rule faulty_rule',
        code: 'missing-path',
        message: expect.stringMatching(/^faulty_rule: .*nonexistent\.field/),
        pointer: '#/conditions/0/field',
      },
    ]);
    expect(decideWith([faulty, ruleWith('other')], context).matchedRules).toEqual(['other']);
  });
});

describe('order', () => {
  it('is priority, then age, then id', () => {
    const rules = [
      ruleWith('d'),
      ruleWith('c'),
      ruleWith('b', { createdAt: '2025-12-31T23:00:00-02:00' }),
      ruleWith('a', { createdAt: '2026-01-01T00:00:00.500Z' }),
      ruleWith('z', { priority: 5 }),
      ruleWith('y', { priority: -5 }),
    ];
    expect(decideWith(rules).matchedRules).toEqual(['z', 'c', 'd', 'a', 'b', 'y']);
    expect(decideWith(rules.toReversed()).matchedRules).toEqual(['z', 'c', 'd', 'a', 'b', 'y']);
  });

  it('ends at a match that stops, not at one that fails', () => {
    const fails = { condition: { '/': [1, 0] }, stopOnMatch: true };
    const rules = [
      ruleWith('a', { priority: 4, ...fails }),
      ruleWith('b', { priority: 3, condition: false, stopOnMatch: true }),
      ruleWith('c', { priority: 2, stopOnMatch: true }),
      ruleWith('d', { priority: 1 }),
    ];
    const { matchedRules, candidates } = decideWith(rules);
    expect(matchedRules).toEqual(['c']);
    expect(candidates.map(([id, , outcome]) => [id, outcome])).toEqual([
      ['a', TraceState.Error],
      ['b', TraceState.False],
      ['c', TraceState.True],
    ]);
  });
});

it('validity begins with its first moment and ends before its last, by the frozen clock', () => {
  const rules = [
    ruleWith('from-now', { validFrom: facts.now }),
    ruleWith('until-now', { validUntil: facts.now }),
    ruleWith('later', { validFrom: '2026-03-01T12:00:00.001Z' }),
    ruleWith('within', { validFrom: '2026-03-01T13:59:00+02:00', validUntil: '2026-03-01T14:01:00+02:00' }),
    ruleWith('disabled', { enabled: false }),
    ruleWith('open', { validFrom: null, validUntil: null }),
  ];
  const { matchedRules, candidates } = decideWith(rules);
  expect(matchedRules).toEqual(['from-now', 'open', 'within']);
  expect(candidates).toHaveLength(3);
});

describe('settling', () => {
  it('the higher priority sets the field, the other is recorded as overridden', () => {
    const decision = decideWith([
      ruleWith('low', { actions: [set('tier', 'silver'), set('only', 1)] }),
      ruleWith('high', { priority: 1, actions: [set('tier', 'gold')] }),
    ]);
    expect(decision.changes).toEqual({ tier: 'gold', only: 1 });
    expect(decision.effects.map(({ ruleId, status }) => [ruleId, status])).toEqual([
      ['high', 'effective'],
      ['low', 'overridden'],
      ['low', 'effective'],
    ]);
  });

  it('an update loses only the fields that are taken, and update_status is one field', () => {
    const decision = decideWith([
      ruleWith('a', { priority: 2, actions: [{ type: 'update_status', parameters: { status: 'won' } }] }),
      ruleWith('b', {
        priority: 1,
        actions: [{ type: 'update', parameters: { fields: { status: 'lost', tier: 'gold' } } }],
      }),
      ruleWith('c', { actions: [set('status', 'open')] }),
    ]);
    expect(decision.changes).toEqual({ status: 'won', tier: 'gold' });
    expect(decision.effects.map(({ status, overriddenFields }) => [status, overriddenFields])).toEqual([
      ['effective', undefined],
      ['effective', ['status']],
      ['overridden', undefined],
    ]);
  });

  it('the outcome of the highest priority counts; without any it is allow', () => {
    const outcome = (value: string): RuleAction => ({ type: 'set_outcome', parameters: { outcome: value } });
    const decision = decideWith([
      ruleWith('a', { actions: [outcome('deny')] }),
      ruleWith('b', { priority: 1, actions: [outcome('review')] }),
    ]);
    expect(decision.outcome).toBe('review');
    expect(decision.effects.map(({ status }) => status)).toEqual(['effective', 'overridden']);
    expect(decideWith([]).outcome).toBe('allow');
  });

  it('adjustments add up without binary noise, each within its limits', () => {
    const decision = decideWith(
      [
        ruleWith('a', { priority: 3, actions: [adjust('total', { by: 0.2 })] }),
        ruleWith('b', { priority: 2, actions: [adjust('total', { by: 100, max: 50.5 })] }),
        ruleWith('c', { priority: 1, actions: [adjust('total', { by: -80.3, min: -10 })] }),
      ],
      { total: 0.1 },
    );
    expect(decision.effects.map(({ result }) => result)).toEqual([0.3, 50.5, -10]);
    expect(decision.changes).toEqual({ total: -10 });
    // Rounded from below, and still not the -0 that JSON does not know.
    const tiny = ruleWith('tiny', { actions: [adjust('total', { by: -1e-7 })] });
    expect(decideWith([tiny]).changes).toEqual({ total: 0 });
  });

  it('adjustments begin at what is set, whoever comes first; missing and null count as 0', () => {
    const rules = [
      ruleWith('adjusts', {
        priority: 2,
        actions: [adjust('score', { by: 5 }), adjust('new', { by: 1 }), adjust('none', { by: 2 })],
      }),
      ruleWith('sets', { actions: [set('score', 40)] }),
    ];
    expect(decideWith(rules, { score: 1, none: null }).changes).toEqual({ score: 45, new: 1, none: 2 });
  });

  it('what is set and no number stands; what is there and no number fails the rule', () => {
    const adjusts = ruleWith('adjusts', { priority: 2, actions: [adjust('score', { by: 5 })] });
    const overridden = decideWith([adjusts, ruleWith('sets', { actions: [set('score', 'n/a')] })], { score: 1 });
    expect(overridden.changes).toEqual({ score: 'n/a' });
    expect(overridden.effects.map(({ status }) => status)).toEqual(['overridden', 'effective']);
    const failed = decideWith([adjusts], { score: 'high' });
    expect(failed.errors).toEqual([expect.objectContaining({ ruleId: 'adjusts', code: 'not-a-number' })]);
    expect(failed.effects).toEqual([]);
  });

  it('all conditions see the context as given', () => {
    const rules = [
      ruleWith('a', { priority: 1, actions: [set('score', 100)] }),
      ruleWith('b', { condition: { '>': [{ var: 'score' }, 50] } }),
    ];
    expect(decideWith(rules, { score: 1 }).matchedRules).toEqual(['a']);
  });
});

describe('a record of what was evaluated', () => {
  it.each([
    ['few nodes', 4],
    ['as many nodes as fit into a number', 13],
    ['more', 14],
    ['many more', 40],
  ])('holds each node, with %s', (_name, count) => {
    const largerThan = (limit: number): JsonValue => ({ '>': [9, limit] });
    const rule = ruleWith('a', { condition: { and: Array.from({ length: count }, (_, i) => largerThan(i)) } });
    const set = compileRuleSet([rule], { actionTypes, failurePolicy: 'fail_open' });
    const [[id, version, outcome, trace]] = decide(set, {}, facts).candidates as [Candidate];
    const reached = Math.min(count, 10);
    const states = Array.from({ length: count }, (_, i) => {
      if (i >= reached) return TraceState.NotReached;
      return i < 9 ? TraceState.True : TraceState.False;
    });
    const whole = count > 9 ? TraceState.False : TraceState.True;
    expect([id, version, outcome]).toEqual(['a', 1, whole]);
    expect([...decodeTrace(trace, count + 1)]).toEqual([whole, ...states]);
  });
});

describe('placeholders', () => {
  const titled = (title: string): RuleDefinition =>
    ruleWith('r', { actions: [{ type: 'create_task', parameters: { title } }] });

  it('alone keep the type, within text become text, anywhere in the parameters', () => {
    const value = {
      list: ['{{lead.score}}', 'n={{ lead.score }}, {{lead.tags}} {{lead.none}}!'],
      who: '{{$user.id}}',
      open: '{{lead',
    };
    const context = { lead: { score: 7, tags: ['a', 'b'], none: null } };
    expect(decideWith([ruleWith('r', { actions: [set('x', value)] })], context).changes).toEqual({
      x: { list: [7, 'n=7, a,b !'], who: 'u-1', open: '{{lead' },
    });
  });

  it('are not needed where the type of an action takes something from the context itself', () => {
    const rule = ruleWith('a', {
      condition: { '>': [{ var: 'score' }, 1] },
      actions: [{ type: 'stamp', parameters: { by: 'us' } }],
    });
    const set = compileRuleSet([rule], { actionTypes, failurePolicy: 'fail_open' });
    const stamped = [5, 7].map((score) => decide(set, { score }, facts).effects);
    expect(stamped).toMatchObject([[{ parameters: { by: 'us', score: 5 } }], [{ parameters: { by: 'us', score: 7 } }]]);
  });

  it('without a value, or with one of the wrong type, fail the rule', () => {
    expect(decideWith([titled('{{lead.name}}')]).errors).toEqual([
      expect.objectContaining({ code: 'missing-path', message: expect.stringContaining('lead.name') }),
    ]);
    expect(decideWith([titled('{{n}}')], { n: 5 }).errors).toEqual([
      expect.objectContaining({ code: 'invalid-parameters' }),
    ]);
  });

  it.each(['constructor', '__proto__.x', 'lead.toString'])('never find inherited names: %s', (path) => {
    expect(decideWith([titled(`{{${path}}}`)], { lead: {} }).errors).toEqual([
      expect.objectContaining({ code: 'missing-path' }),
    ]);
  });
});

describe('failure policy', () => {
  const rules = [
    ruleWith('fails', { condition: { throw: 'no' } }),
    ruleWith('sets', { actions: [set('x', 1), { type: 'set_outcome', parameters: { outcome: 'review' } }] }),
  ];

  it('open lets the other effects stand', () => {
    const decision = decideWith(rules);
    expect(decision).toMatchObject({ outcome: 'review', blocked: false, changes: { x: 1 } });
    expect(decision.errors).toHaveLength(1);
  });

  it('closed denies and carries nothing out', () => {
    const decision = decideWith(rules, {}, 'fail_closed');
    expect(decision).toMatchObject({ outcome: 'deny', blocked: true, changes: {}, matchedRules: ['sets'] });
    expect(decision.effects.map(({ status }) => status)).toEqual(['blocked', 'blocked']);
    expect(decision.errors).toHaveLength(1);
  });

  it('closed without a failure changes nothing', () => {
    expect(decideWith(rules.slice(1), {}, 'fail_closed')).toMatchObject({ outcome: 'review', blocked: false });
  });
});

describe('compiling', () => {
  it('takes over rules that are known and drops those that are gone', () => {
    const options = { actionTypes, failurePolicy: 'fail_open' } as const;
    const first = compileRuleSet([ruleWith('a'), ruleWith('b'), ruleWith('c')], options);
    const second = compileRuleSet([ruleWith('a'), ruleWith('b', { version: 2 })], options, first.compiled);
    expect(second.compiled.get('a@1')).toBe(first.compiled.get('a@1'));
    expect([...second.compiled.keys()]).toEqual(['a@1', 'b@2']);
    expect(ruleKey({ id: 'a', version: 3 })).toBe('a@3');
  });

  it('refuses what it cannot compile, naming each place', () => {
    const rule = ruleWith('r', { condition: { nope: 1 }, actions: [{ type: 'toString', parameters: {} }] });
    expect(() => compileRule(rule, { actionTypes })).toThrow(
      expect.objectContaining({
        kind: 'invalid',
        code: 'unknown-operator',
        details: {
          violations: [
            expect.objectContaining({ pointer: '#/condition/nope' }),
            expect.objectContaining({ pointer: '#/actions/0/type' }),
          ],
        },
      }),
    );
  });

  it('one broken rule fails alone', () => {
    const decision = decideWith([ruleWith('broken', { condition: { fn: ['gone'] } }), ruleWith('sound')]);
    expect(decision.matchedRules).toEqual(['sound']);
    expect(decision.errors).toEqual([expect.objectContaining({ ruleId: 'broken', code: 'unknown-function' })]);
  });

  it('two action types of one name are refused', () => {
    expect(() => createActionRegistry([task, task])).toThrow('create_task');
  });
});
