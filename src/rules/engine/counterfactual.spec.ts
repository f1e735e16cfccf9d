import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import {
  anyLogic,
  decidableLogic,
  facts,
  fieldConditions,
  smallContexts,
  smallSchema,
} from '../../../test/support/rule-arbitraries.js';
import { compileContextSchema } from '../entry-points/context-schema.js';
import { createActionRegistry } from './action-types.js';
import { findCounterfactual } from './counterfactual.js';
import type { Counterfactual } from './counterfactual.js';
import { decide } from './decide.js';
import type { RuleDefinition } from './rule.js';
import { compileRule, compileRuleSet } from './rule-set.js';
import { differences, place } from './solving/documents.js';

const actionTypes = createActionRegistry();
const outcome = [{ type: 'set_outcome', parameters: { outcome: 'deny' } }];

const ruleWith = (written: Partial<RuleDefinition>): RuleDefinition => ({
  id: 'r-1',
  version: 1,
  name: 'rule',
  priority: 0,
  createdAt: '2026-01-01T00:00:00.000Z',
  enabled: true,
  stopOnMatch: false,
  actions: outcome,
  ...written,
});

function matcherOf(definition: RuleDefinition): (context: JsonObject) => boolean {
  const ruleSet = compileRuleSet([definition], { actionTypes, failurePolicy: 'fail_open' });
  return (context) => decide(ruleSet, context, facts).matchedRules.length > 0;
}

const checks = new Map<JsonObject, (context: JsonObject) => boolean>();

function checkOf(schema: JsonObject): (context: JsonObject) => boolean {
  const known = checks.get(schema);
  if (known) return known;
  const violations = compileContextSchema(schema);
  const check = (context: JsonObject): boolean => violations(context).length === 0;
  checks.set(schema, check);
  return check;
}

const ask = (definition: RuleDefinition, context: JsonObject, schema: JsonObject): Counterfactual =>
  findCounterfactual({
    rule: compileRule(definition, { actionTypes }),
    context,
    facts,
    schema,
    isValid: checkOf(schema),
  });

function changed(context: JsonObject, answer: Counterfactual): JsonObject {
  if (!answer.found) throw new Error(answer.message);
  return answer.changes.reduce(
    (made, { path, to }) => place(made, { path: path.split('.'), value: to }, {}),
    structuredClone(context),
  );
}

const open: JsonObject = { type: 'object' };
const find = (condition: JsonValue, context: JsonObject, schema: JsonObject = open) =>
  ask(ruleWith({ condition }), context, schema);
const objectOf = (properties: JsonObject, required: readonly string[] = []): JsonObject => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

describe('against every context of a small schema', () => {
  const isValid = checkOf(smallSchema);
  const context = fc.constantFrom(...smallContexts);

  function compare(written: fc.Arbitrary<Partial<RuleDefinition>>, numRuns: number) {
    const seen = { satisfiable: 0, found: 0, impossible: 0, undecided: 0 };
    fc.assert(
      fc.property(written, context, (parts, given) => {
        const definition = ruleWith(parts);
        const matches = matcherOf(definition);
        const possible = smallContexts.filter(matches);
        const answer = ask(definition, given, smallSchema);
        if (possible.length > 0) seen.satisfiable++;
        if (answer.found) {
          seen.found++;
          const made = changed(given, answer);
          expect(isValid(made)).toBe(true);
          expect(matches(made)).toBe(true);
          const nearest = Math.min(...possible.map((one) => differences(given, one).length));
          expect(answer.changes).toHaveLength(nearest);
        } else if (answer.reason === 'impossible') {
          seen.impossible++;
          expect(possible).toEqual([]);
        } else seen.undecided++;
      }),
      { numRuns },
    );
    return seen;
  }

  it('finds the nearest context whenever there is one, and says when there is none, for forms it takes apart', () => {
    for (const written of [
      decidableLogic.map((condition) => ({ condition })),
      fieldConditions.map((conditions) => ({ conditions })),
    ]) {
      const { satisfiable, found, impossible, undecided } = compare(written, 200);
      expect(found).toBe(satisfiable);
      expect(undecided).toBe(0);
      expect(satisfiable).toBeGreaterThan(60);
      expect(impossible).toBeGreaterThan(0);
    }
  });

  it('finds the nearest context for at least 95 % of the others, and claims nothing that it does not know', () => {
    const { satisfiable, found, impossible } = compare(
      anyLogic.map((condition) => ({ condition })),
      200,
    );
    expect(found / satisfiable).toBeGreaterThanOrEqual(0.95);
    expect(satisfiable).toBeGreaterThan(60);
    expect(impossible).toBeGreaterThan(0);
  });

  it('counts actions that cannot be computed as no match', () => {
    const adjust = { type: 'adjust_field', parameters: { field: 'kind', by: 1 } };
    const copy = { type: 'set_field', parameters: { field: 'a', value: '{{company.tier}}' } };
    const { satisfiable, found, undecided } = compare(
      decidableLogic.map((condition) => ({ condition, actions: [adjust, copy] })),
      200,
    );
    expect(found).toBe(satisfiable);
    expect(undecided).toBe(0);
  });
});

describe('over schemas without end', () => {
  const pool: readonly JsonValue[] = [
    ...[-5, -1, -0.5, 0, 0.5, 1, 1.25, 2, 2.5, 3, 4, 1e9],
    ...['', 'a', 'b', 'la', 'lb', 'large', 's', 'small', 'smaller', 'x', 'xa', '0', '1', '1.0', '2', '3', 'zzz'],
    ...[true, false, null, [], [1], ['x'], ['a', 'x'], {}, { size: 1 }],
  ];
  const properties = {
    kind: {},
    count: { type: ['number', 'string'] },
    company: {
      type: ['object', 'null'],
      properties: { size: { type: 'string', maxLength: 5 }, tier: { type: 'array' } },
      required: ['size'],
    },
  };
  const schema = objectOf(properties);
  const isValid = checkOf(schema);
  const some = fc.option(fc.constantFrom(...pool), { nil: undefined });
  const context = fc
    .tuple(some, some, some, some)
    .map(([kind, count, size, tier]): JsonObject => {
      const company = { ...(size !== undefined && { size }), ...(tier !== undefined && { tier }) };
      return {
        ...(kind !== undefined && { kind }),
        ...(count !== undefined && { count }),
        ...(Object.keys(company).length > 0 && { company }),
      };
    })
    .filter(isValid);
  const contexts = fc.sample(context, { numRuns: 400, seed: 7 });

  it('is never further away than the nearest of many contexts, and claims no impossibility that one of them disproves', () => {
    const seen = { satisfiable: 0, found: 0, impossible: 0 };
    const condition = fc.oneof(
      decidableLogic.map((logic) => ({ condition: logic })),
      anyLogic.map((logic) => ({ condition: logic })),
      fieldConditions.map((conditions) => ({ conditions })),
    );
    fc.assert(
      fc.property(condition, fc.constantFrom(...contexts), (written, given) => {
        const definition = ruleWith(written);
        const matches = matcherOf(definition);
        const possible = contexts.filter(matches);
        const answer = ask(definition, given, schema);
        if (possible.length > 0) seen.satisfiable++;
        if (answer.found) {
          if (possible.length > 0) seen.found++;
          const made = changed(given, answer);
          expect([isValid(made), matches(made)]).toEqual([true, true]);
          const nearest = Math.min(...possible.map((one) => differences(given, one).length));
          expect(answer.changes.length).toBeLessThanOrEqual(nearest);
        } else if (answer.reason === 'impossible') {
          seen.impossible++;
          expect(possible).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
    expect(seen.found / seen.satisfiable).toBeGreaterThanOrEqual(0.95);
    expect(seen.satisfiable).toBeGreaterThan(60);
  });
});

describe('in plain words', () => {
  it('changes nothing for a rule that matches, and the nearest number else', () => {
    expect(find({ '>': [{ var: 'total' }, 100] }, { total: 120 })).toEqual({ found: true, changes: [] });
    expect(find({ '>': [{ var: 'total' }, 100] }, { total: 20 })).toEqual({
      found: true,
      changes: [{ path: 'total', from: 20, to: 101 }],
    });
  });

  it('keeps to the schema: whole numbers, limits, listed values', () => {
    const schema = objectOf({ score: { type: 'integer', minimum: 0, maximum: 100 }, size: { enum: ['s', 'l', null] } });
    expect(find({ '>': [{ var: 'score' }, 99.5] }, {}, schema)).toMatchObject({ changes: [{ to: 100 }] });
    expect(find({ '>': [{ var: 'score' }, 100] }, {}, schema)).toMatchObject({ reason: 'impossible' });
    expect(find({ '!': [{ in: [{ var: 'size' }, ['s', null]] }] }, { size: 's' }, schema)).toMatchObject({
      changes: [{ path: 'size', from: 's', to: 'l' }],
    });
  });

  it('adds an object with all that the schema requires of it as one change', () => {
    const company = { ...objectOf({ name: { type: 'string', minLength: 3 }, size: { type: 'string' } }, ['name']) };
    const answer = find({ '===': [{ var: 'company.size' }, 'large'] }, {}, objectOf({ company }));
    expect(answer).toEqual({ found: true, changes: [{ path: 'company', to: { name: 'aaa', size: 'large' } }] });
  });

  it('changes one value where it might change two', () => {
    const condition: JsonValue = { or: [{ var: 'x' }, { and: [{ var: 'p' }, { var: 'q' }] }] };
    expect(find(condition, { x: false, p: false, q: false })).toMatchObject({ changes: [{ path: 'x', to: true }] });
  });

  it('leaves the facts alone', () => {
    const isAdmin = { '===': [{ var: '$user.role' }, 'admin'] };
    expect(find(isAdmin, {})).toMatchObject({ found: false, reason: 'impossible' });
    expect(find({ or: [isAdmin, { var: 'isUrgent' }] }, {})).toMatchObject({ changes: [{ path: 'isUrgent' }] });
  });

  it.each<[string, JsonValue, JsonObject]>([
    ['texts', { and: [{ '>': [{ var: 'a' }, 'm'] }, { '<': [{ var: 'a' }, 'ma'] }] }, { a: { type: 'string' } }],
    ['short texts', { '>': [{ var: 'a' }, 'zz'] }, { a: { type: 'string', maxLength: 2 } }],
    ['formats', { '>=': [{ var: 'a' }, '2026-05-01'] }, { a: { type: 'string', format: 'date' } }],
    ['patterns', { '!!': [{ var: 'a' }] }, { a: { type: 'string', pattern: '^[A-Z]{2}\\d{4}$' } }],
    ['lists', { in: ['vip', { var: 'a' }] }, { a: { type: 'array', items: { type: 'string' } } }],
    ['references', { '>': [{ var: 'a' }, 3] }, { a: { $ref: '#/$defs/amount' } }],
    ['alternatives', { '===': [{ var: 'a' }, 'b'] }, { a: { oneOf: [{ const: 'a' }, { const: 'b' }] } }],
    ['hostile names', { '===': [{ var: 'constructor.toString' }, 1] }, { constructor: { type: 'object' } }],
  ])('finds %s', (_, condition, properties) => {
    const schema = { ...objectOf(properties), $defs: { amount: { type: 'number' } } };
    const answer = find(condition, {}, schema);
    const made = changed({}, answer);
    expect([checkOf(schema)(made), matcherOf(ruleWith({ condition }))(made)]).toEqual([true, true]);
  });

  it('does not claim to know what it does not understand', () => {
    const schema = objectOf({ a: { type: 'string', pattern: '^(x|y)$' }, b: { type: 'number' } });
    expect(find({ '===': [{ var: 'a' }, 'z'] }, {}, schema)).toMatchObject({ reason: 'undecided' });
    expect(find({ '===': [{ '*': [{ var: 'b' }, { var: 'b' }] }, 2] }, {}, schema)).toMatchObject({
      reason: 'undecided',
    });
    expect(find({ '===': [{ var: { cat: ['a', 'b'] } }, 'z'] }, {}, schema)).toMatchObject({ reason: 'undecided' });
  });

  it('stops after a fixed amount of work', () => {
    const paths = Array.from({ length: 40 }, (_, i) => `p${i}`);
    const clause = (i: number): JsonValue => ({
      or: [0, 7, 13].map((step) => ({ '===': [{ var: `p${(i * 3 + step) % 40}` }, { var: `p${(i + step) % 40}` }] })),
    });
    const condition = { and: [...paths.map((_, i) => clause(i)), { '!': [clause(1)] }] };
    expect(find(condition, {}).found).toBe(false);
  });
});
