import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { createActionRegistry } from './action-types.js';
import { decide } from './decide.js';
import type { Facts } from './facts.js';
import type { RuleDefinition } from './rule.js';
import { compileRule, compileRuleSet } from './rule-set.js';

const actionTypes = createActionRegistry();
const facts: Facts = {
  now: '2026-03-01T00:00:00.000Z',
  seed: 's',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: 'u-1', role: 'sales', permissions: [] },
};
const text = { type: 'string' };
const schema: JsonObject = {
  type: 'object',
  required: ['lead', 'kind'],
  properties: {
    kind: text,
    total: { type: 'number' },
    isVip: { type: 'boolean' },
    open: {},
    tags: { type: 'array' },
    nothing: { type: 'null' },
    'kind.of': text,
    city: { type: ['string', 'null'] },
    mixed: { type: ['string', 'number'] },
    lead: { type: 'object', required: ['source'], properties: { source: text, industry: text } },
  },
};

const ruleWith = (form: Pick<RuleDefinition, 'condition' | 'conditions'>, id = 'r'): RuleDefinition => ({
  id,
  version: 1,
  name: 'Rule',
  priority: 0,
  createdAt: '2026-01-01T00:00:00.000Z',
  enabled: true,
  stopOnMatch: false,
  actions: [{ type: 'set_field', parameters: { field: 'score', value: 1 } }],
  ...form,
});
const keysOf = (form: Pick<RuleDefinition, 'condition' | 'conditions'>) =>
  compileRule(ruleWith(form), { actionTypes, schema }).indexKeys.map(
    ({ path, values, matchesAbsent }) => `${path} ${JSON.stringify(values)}${matchesAbsent ? ' or absent' : ''}`,
  );

describe('the keys of a condition', () => {
  const same = { '==': [{ var: 'kind' }, 'x'] };
  const cases: readonly (readonly [string, JsonValue, readonly string[]])[] = [
    ['soft equality', same, ['kind ["x"]']],
    ['strict equality, turned round', { '===': ['x', { val: ['lead', 'industry'] }] }, ['lead.industry ["x"]']],
    ['membership', { in: [{ var: 'total' }, [1, 2, 2]] }, ['total [1,2]']],
    ['a missing value that equals', { '==': [{ var: 'total' }, 0] }, ['total [0] or absent']],
    ['a default that equals', { '==': [{ var: ['kind', 'x'] }, 'x'] }, ['kind ["x"] or absent']],
    ['a default that fails beside it', { '==': [{ var: ['kind', 1] }, 'x'] }, ['kind ["x"] or absent']],
    ['null that equals', { '==': [{ var: 'city' }, ''] }, ['city ["",null] or absent']],
    [
      'all of a conjunction',
      { and: [same, { and: [same, { in: [{ var: 'isVip' }, [true]] }] }] },
      ['kind ["x"]', 'kind ["x"]', 'isVip [true]'],
    ],
    [
      'behind what cannot fail',
      { and: [{ '>': [{ var: 'total' }, 5] }, { '!': { var: 'open' } }, same] },
      ['kind ["x"]'],
    ],
    [
      'alternatives at one path',
      { or: [same, { and: [{ '==': [{ var: 'kind' }, 'y'] }, { throw: 'x' }] }] },
      ['kind ["x","y"]'],
    ],
    [
      'alternatives of which one is looked at where nothing stands',
      { or: [{ in: [{ var: 'total' }, [1, 2]] }, { '==': [{ var: 'total' }, 0] }] },
      ['total [1,2,0] or absent'],
    ],
    [
      'a part of an alternative alone',
      { or: [{ and: [same, { '==': [{ var: 'total' }, 1] }] }, same] },
      ['kind ["x"]'],
    ],
    ['not with an alternative that is a constant', { or: [same, true] }, []],
    ['not for a constant', true, []],
    ['not for no alternatives', { or: [] }, []],
    ['not for members of several types', { in: [{ var: 'total' }, [1, 'x']] }, []],
    ['not for a list', { '===': [{ var: 'tags' }, ['x']] }, []],
    ['not for an object', { '===': [{ var: 'lead' }, {}] }, []],
    ['not for null alone', { '==': [{ var: 'nothing' }, null] }, []],
    ['not for another operator beside a list', { missing_some: [{ var: 'total' }, [1]] }, []],
    ['keys of val, which have no default', { '==': [{ val: ['lead', 'source'] }, 'x'] }, ['lead.source ["x"]']],
    [
      'keys of val that look like a default',
      { '==': [{ val: ['lead', 'source'] }, 'source'] },
      ['lead.source ["source"]'],
    ],
    ['a default that is a member', { in: [{ var: ['kind', 'x'] }, ['x']] }, ['kind ["x"] or absent']],
    ['a default that is none', { in: [{ var: ['kind', 'y'] }, ['x']] }, ['kind ["x"]']],
    ['not for a property with a dot', { '==': [{ val: ['kind.of'] }, 'x'] }, []],
    ['not behind what can fail', { and: [{ '>': [{ var: 'open' }, 5] }, same] }, []],
    ['not behind a function of its text', { and: [{ '>': [{ var: 'kind' }, 5] }, same] }, []],
    ['not with an alternative elsewhere', { or: [same, { '==': [{ var: 'total' }, 1] }] }, []],
    ['not where the schema is open', { '==': [{ var: 'open' }, 'x'] }, []],
    ['not where it allows two types', { '===': [{ var: 'mixed' }, 'x'] }, []],
    ['not for a literal of another type', { '==': [{ var: 'total' }, '1'] }, []],
    ['not for a part of a text', { in: [{ var: 'kind' }, 'xyz'] }, []],
    ['not for a default that is computed', { '==': [{ var: ['kind', { var: 'open' }] }, 'x'] }, []],
    ['not for facts', { '==': [{ var: '$user.role' }, 'sales'] }, []],
    ['not for a negation', { '!=': [{ var: 'kind' }, 'x'] }, []],
    ['not for a chain', { '==': [{ var: 'kind' }, 'x', 'x'] }, []],
    ['not for a key with a dot', { '==': [{ val: ['lead.source'] }, 'x'] }, []],
  ];
  it.each(cases)('%s', (_, condition, keys) => expect(keysOf({ condition })).toEqual(keys));

  const condition = (field: string, operator: string, value: JsonValue) => ({ field, operator, value });

  it('field form: what is missing fails, unless the schema requires it', () => {
    const source = condition('lead.source', 'equals', 'web');
    const industry = condition('lead.industry', 'in', ['it']);
    expect(keysOf({ conditions: [source, industry] })).toEqual([
      'lead.source ["web"] or absent',
      'lead.industry ["it"] or absent',
    ]);
    expect(keysOf({ conditions: [industry, source] })).toEqual(['lead.industry ["it"] or absent']);
    const safe = [condition('lead.source', 'starts_with', 'w'), condition('lead.industry', 'exists', true), industry];
    expect(keysOf({ conditions: safe })).toEqual(['lead.industry ["it"] or absent']);
  });

  it('without a schema there are none', () => {
    expect(compileRule(ruleWith({ condition: same }), { actionTypes }).indexKeys).toEqual([]);
  });
});

describe('in a set', () => {
  const options = { actionTypes, failurePolicy: 'fail_open', schema } as const;
  const kindOf = (i: number) => ({
    and: [{ '==': [{ var: 'isVip' }, true] }, { '==': [{ var: 'kind' }, `kind-${i}`] }],
  });
  const many = Array.from({ length: 500 }, (_, i) =>
    ruleWith({ condition: kindOf(i) }, `r${String(i).padStart(3, '0')}`),
  );
  const always = ruleWith({ condition: { '>': [{ var: 'total' }, 5] } }, 'r250-always');
  const compiled = () => compileRuleSet([...many, always], options);
  const candidatesOver = (context: JsonObject) => decide(compiled(), context, facts).candidates.map(([id]) => id);

  it('each rule has the key that leaves it out most often, with its place', () => {
    const set = compiled();
    expect(set.rules[7]?.indexKey).toMatchObject({
      path: 'kind',
      values: ['kind-7'],
      pointer: '#/condition/and/1/==',
    });
    expect(set.rules.find(({ definition }) => definition.id === always.id)?.indexKey).toBeUndefined();
  });

  it('candidates are those whose key fits and those without one, in order', () => {
    const lead = { source: 'web' };
    expect(candidatesOver({ lead, kind: 'kind-3' })).toEqual(['r003', 'r250-always']);
    expect(candidatesOver({ lead, kind: 'kind-400', isVip: true })).toEqual(['r250-always', 'r400']);
    expect(candidatesOver({ lead, kind: 'other' })).toEqual(['r250-always']);
  });

  it('over a value that the schema does not allow all are looked at', () => {
    expect(candidatesOver({ kind: 3 })).toHaveLength(501);
  });

  it('the next revision takes over all rules but the changed one', () => {
    const set = compiled();
    const changed = { ...ruleWith({ condition: kindOf(501) }, 'r007'), version: 2 };
    const next = compileRuleSet([...many.filter(({ id }) => id !== 'r007'), always, changed], options, set.compiled);
    const known = new Set(set.rules);
    expect(next.rules.filter((rule) => !known.has(rule)).map(({ definition }) => definition)).toEqual([changed]);
    expect(decide(next, { lead: {}, kind: 'kind-501' }, facts).candidates[0]?.[0]).toBe('r007');
  });
});
