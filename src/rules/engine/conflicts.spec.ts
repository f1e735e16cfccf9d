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
import { findConflicts } from './conflicts.js';
import type { Conflict, ConflictReport } from './conflicts.js';
import { decide } from './decide.js';
import type { Facts } from './facts.js';
import type { RuleDefinition } from './rule.js';
import { compileRuleSet } from './rule-set.js';
import type { CompiledRule } from './rule-set.js';
import { wholeFacts } from './solving/fact-document.js';

const actionTypes = createActionRegistry();
const compile = (rules: readonly RuleDefinition[]) =>
  compileRuleSet(rules, { actionTypes, failurePolicy: 'fail_open' });

const FROM = '2026-01-01T00:00:00.000Z';
const turns = ['2025-06-01T00:00:00.000Z', FROM, '2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'];

function search(rules: readonly RuleDefinition[], schema: JsonObject = smallSchema, work?: number): ConflictReport {
  const check = compileContextSchema(schema);
  const isValid = (context: JsonObject): boolean => check(context).length === 0;
  return findConflicts(compile(rules).rules, { schema, isValid, from: FROM, ...(work !== undefined && { work }) });
}

const set = (field: string, value: JsonValue) => ({ type: 'set_field', parameters: { field, value } });
let made = 0;
const rule = (condition: JsonValue, parts: Partial<RuleDefinition> = {}): RuleDefinition => ({
  id: `r${made++}`,
  version: 1,
  name: 'rule',
  priority: 0,
  createdAt: FROM,
  enabled: true,
  stopOnMatch: false,
  condition,
  actions: [set('score', 1)],
  ...parts,
});

/** Everything that can happen in the small schema from the moment on: each with the rules that match alone and together. */
interface Happening {
  readonly moment: string;
  readonly alone: ReadonlySet<string>;
  readonly together: ReadonlySet<string>;
}

const smallFacts = (['sales', 'admin', 'other'] as const).map((role): Facts => ({
  ...facts,
  user: { ...facts.user, role },
}));

function happenings(rules: readonly CompiledRule[]): readonly Happening[] {
  const unlimited = rules.map(({ definition }) => compile([{ ...definition, validFrom: null, validUntil: null }]));
  return smallFacts.flatMap((given) =>
    smallContexts.flatMap((context) => {
      const matching = rules.filter((_, i) => decide(unlimited[i]!, context, given).matchedRules.length > 0);
      return [FROM, ...turns.slice(2)].map((moment) => happeningAt(moment, matching));
    }),
  );
}

function happeningAt(moment: string, matching: readonly CompiledRule[]): Happening {
  const alone = matching.filter((one) => isInForceAt(one, moment));
  const stop = alone.findIndex(({ definition }) => definition.stopOnMatch);
  const together = stop < 0 ? alone : alone.slice(0, stop + 1);
  const idsOf = (list: readonly CompiledRule[]) => new Set(list.map(({ definition }) => definition.id));
  return { moment, alone: idsOf(alone), together: idsOf(together) };
}

const isInForceAt = ({ validFromMs, validUntilMs }: CompiledRule, now: string): boolean =>
  validFromMs <= Date.parse(now) && Date.parse(now) < validUntilMs;

const valueOf = ({ definition }: CompiledRule, name: string) =>
  definition.actions.find(
    ({ parameters }) => parameters.field === name || (name === '$outcome' && 'outcome' in parameters),
  )?.parameters;

const differ = (a: CompiledRule, b: CompiledRule): boolean =>
  ['score', 'owner', '$outcome'].some((name) => {
    const [first, second] = [valueOf(a, name), valueOf(b, name)];
    return first && second && JSON.stringify(first) !== JSON.stringify(second);
  });

/** All conflicts, found by going through everything. */
function expected(rules: readonly CompiledRule[], all: readonly Happening[]): Set<string> {
  const found = new Set<string>();
  for (const [i, one] of rules.entries()) {
    const { id } = one.definition;
    const inForce = all.filter(({ moment }) => isInForceAt(one, moment));
    if (inForce.length === 0) continue;
    if (!inForce.some(({ alone }) => alone.has(id))) found.add(`never-holds ${id}`);
    else if (!inForce.some(({ together }) => together.has(id))) found.add(`shadowed ${id}`);
    if (one.expression.kind !== 'literal' && inForce.every(({ alone }) => alone.has(id)))
      found.add(`always-holds ${id}`);
    for (const other of rules.slice(i + 1)) {
      const isBoth = all.some(({ together }) => together.has(id) && together.has(other.definition.id));
      if (isBoth && differ(one, other)) found.add(`contradiction ${id} ${other.definition.id}`);
    }
  }
  return found;
}

const nameOf = ({ kind, ruleIds }: Pick<Conflict, 'kind' | 'ruleIds'>): string => [kind, ...ruleIds].join(' ');

/** The engine runs each witness and shows what is claimed. */
function checkWitness(conflict: Conflict, rules: readonly CompiledRule[], all: readonly Happening[]): void {
  const { kind, witness, ruleIds, shadowedBy = [], fields = [] } = conflict;
  const [id = '', otherId = ''] = ruleIds;
  if (!witness) return expect(kind).toBe('never-holds');
  expect(compileContextSchema(smallSchema)(witness.context)).toEqual([]);
  const given = wholeFacts(witness.facts);
  const definitions = rules.map(({ definition }) => definition);
  const together = decide(compile(definitions), witness.context, given);
  const alone = decide(compile(definitions.filter((one) => one.id === id)), witness.context, given);
  expect(alone.matchedRules).toEqual([id]);
  if (kind === 'shadowed') {
    expect(together.matchedRules).not.toContain(id);
    const hidden = all.filter((one) => one.alone.has(id));
    expect(hidden.every((one) => shadowedBy.some((by) => one.together.has(by) || one.alone.has(by)))).toBe(true);
  }
  if (kind !== 'contradiction') return;
  expect(together.matchedRules).toEqual(expect.arrayContaining([id, otherId]));
  expect(together.matchedRules.indexOf(id)).toBeLessThan(together.matchedRules.indexOf(otherId));
  for (const { values } of fields) expect(values[0]).not.toEqual(values[1]);
}

const parts = fc.record({
  priority: fc.nat(2),
  stopOnMatch: fc.nat(2).map((n) => n === 0),
  enabled: fc.nat(9).map((n) => n > 0),
  validFrom: fc.option(fc.constantFrom(...turns), { freq: 1 }),
  validUntil: fc.option(fc.constantFrom(...turns.slice(1)), { freq: 1 }),
  actions: fc.uniqueArray(
    fc.oneof(
      fc.tuple(fc.constantFrom('score', 'owner'), fc.nat(1)).map(([field, value]) => set(field, value)),
      fc.constantFrom('deny', 'review').map((outcome) => ({ type: 'set_outcome', parameters: { outcome } })),
    ),
    { minLength: 1, maxLength: 2, selector: ({ parameters }) => ('field' in parameters ? parameters.field : '') },
  ),
});

const setsOf = (condition: fc.Arbitrary<JsonObject>): fc.Arbitrary<RuleDefinition[]> =>
  fc
    .array(fc.tuple(condition, parts), { minLength: 2, maxLength: 4 })
    .map((list) =>
      list.map(([written, rest], i) => ({ ...rule(true, rest), condition: undefined, ...written, id: `r${i}` })),
    );

const asCondition = (logic: fc.Arbitrary<JsonValue>) => logic.map((condition): JsonObject => ({ condition }));
const small = fc.oneof(
  fc.constantFrom<JsonValue>({ '<': [{ var: 'count' }, 2] }, { '>=': [{ var: 'count' }, 1] }, true),
  fc.constantFrom<JsonValue>({ '>=': [{ var: 'count' }, 0] }, { exists: 'kind' }, { '>': [{ var: 'count' }, 3] }),
  fc.constantFrom<JsonValue>({ '===': [{ var: 'company.size' }, 'small'] }, { '!!': [{ var: 'company.size' }] }),
  fc.constantFrom<JsonValue>({ '===': [{ var: '$user.role' }, 'admin'] }, { '!==': [{ var: '$user.role' }, 'admin'] }),
);

describe('against everything that can happen in a small schema', () => {
  function compare(definitions: fc.Arbitrary<RuleDefinition[]>, numRuns: number, isDecidable: boolean) {
    const seen = { 'never-holds': 0, 'always-holds': 0, shadowed: 0, contradiction: 0, missed: 0 };
    fc.assert(
      fc.property(definitions, (written) => {
        const { rules } = compile(written);
        const all = happenings(rules);
        const { conflicts, undecided, isComplete } = search(written);
        const wanted = expected(rules, all);
        const found = conflicts.map(nameOf);
        expect(isComplete).toBe(true);
        expect(found.filter((name) => !wanted.has(name))).toEqual([]);
        const missed = [...wanted].filter((name) => !found.includes(name));
        seen.missed += missed.length;
        if (isDecidable) expect([...missed, ...undecided]).toEqual([]);
        const open = new Set(undecided.flatMap(({ ruleIds }) => ruleIds));
        expect(
          missed.filter(
            (name) =>
              !name
                .split(' ')
                .slice(1)
                .some((id) => open.has(id)),
          ),
        ).toEqual([]);
        for (const conflict of conflicts) {
          seen[conflict.kind]++;
          checkWitness(conflict, rules, all);
        }
      }),
      { numRuns },
    );
    return seen;
  }

  it('finds every conflict and no other, for conditions that it takes apart', () => {
    const conditions = fc.oneof(
      asCondition(decidableLogic),
      asCondition(small),
      fieldConditions.map((conditions): JsonObject => ({ conditions })),
    );
    const seen = compare(setsOf(conditions), 80, true);
    for (const kind of ['never-holds', 'always-holds', 'shadowed', 'contradiction'] as const) {
      expect([kind, seen[kind] > 0]).toEqual([kind, true]);
    }
  });

  it('raises no false alarm over any other, and says what it left open', () => {
    const seen = compare(setsOf(asCondition(anyLogic)), 40, false);
    expect(seen.contradiction).toBeGreaterThan(1);
  });
});

describe('one by one', () => {
  const open: JsonObject = { type: 'object' };
  const above = (limit: number): JsonValue => ({ '>': [{ var: 'total' }, limit] });
  const kindsOf = ({ conflicts }: ConflictReport) => conflicts.map(({ kind }) => kind);

  it('names the rules that cast a shadow together, and the one that does it alone', () => {
    const low = rule({ '<=': [{ var: 'count' }, 1] }, { priority: 9, stopOnMatch: true, actions: [set('a', 1)] });
    const high = rule(above(1), { priority: 8, stopOnMatch: true, actions: [set('b', 1)] });
    const counted = { ...high, condition: { '>=': [{ var: 'count' }, 1] } };
    const last = rule({ '===': [{ var: 'company.size' }, 'small'] }, { actions: [set('c', 1)] });
    expect(search([low, counted, last]).conflicts).toMatchObject([
      { kind: 'shadowed', ruleIds: [last.id], shadowedBy: [low.id, counted.id] },
    ]);
    const first = rule({ '<=': [{ var: 'count' }, 2] }, { priority: 9, stopOnMatch: true, actions: [set('a', 1)] });
    const second = rule({ '<=': [{ var: 'count' }, 1] }, { priority: 5, actions: [set('b', 1)] });
    expect(search([first, second]).conflicts).toMatchObject([{ kind: 'shadowed', shadowedBy: [first.id] }]);
  });

  it('leaves out rules whose times never meet, and what was in force only before', () => {
    const early = rule(above(1), { validUntil: '2026-03-01T00:00:00.000Z' });
    const late = rule(above(2), { validFrom: '2026-03-01T00:00:00.000Z', actions: [set('score', 2)] });
    expect(search([early, late], open).conflicts).toEqual([]);
    const meeting = { ...late, validFrom: '2026-02-28T23:59:59.999Z' };
    const { conflicts } = search([early, meeting], open);
    expect(conflicts).toMatchObject([{ kind: 'contradiction', witness: { facts: { now: meeting.validFrom } } }]);
    const past = { ...late, validFrom: null, validUntil: FROM };
    expect(search([rule(above(1)), past], open).conflicts).toEqual([]);
  });

  it('calls no rule shadowed that is reached once the rule before it is out of force', () => {
    const stop = rule(above(1), {
      priority: 9,
      stopOnMatch: true,
      validUntil: '2026-03-01T00:00:00.000Z',
      actions: [set('a', 1)],
    });
    expect(kindsOf(search([stop, rule(above(2))], open))).toEqual([]);
    expect(kindsOf(search([{ ...stop, validUntil: null }, rule(above(2))], open))).toEqual(['shadowed']);
  });

  it('compares values that are computed on the witness', () => {
    const copy = rule(above(1), { actions: [set('score', '{{total}}')] });
    const fixed = rule(above(1), { priority: 1, actions: [set('score', 7)] });
    const [found] = search([copy, fixed], open).conflicts;
    expect(found).toMatchObject({ kind: 'contradiction', ruleIds: [fixed.id, copy.id] });
    expect(found?.fields).toEqual([{ field: 'score', values: [7, found?.witness?.context.total] }]);
  });

  it('varies the facts: rules for different users do not contradict each other', () => {
    const forRole = (role: string, value: number) =>
      rule({ '===': [{ var: '$user.role' }, role] }, { actions: [set('score', value)] });
    expect(kindsOf(search([forRole('sales', 1), forRole('admin', 2)]))).toEqual([]);
    const anybody = rule({ in: ['a', { var: '$user.permissions' }] }, { actions: [set('score', 3)] });
    const { conflicts } = search([forRole('sales', 1), anybody]);
    expect(conflicts).toMatchObject([{ witness: { facts: { user: { role: 'sales', permissions: ['a'] } } } }]);
  });

  it('says what it leaves open: the clock, functions, and rules that cannot be compiled', () => {
    const tomorrow = rule({ '===': [{ now: [] }, 'never'] });
    const unknown = rule(above(1), { actions: [{ type: 'unknown', parameters: {} }] });
    const { conflicts, undecided } = search([tomorrow, unknown], open);
    expect(conflicts).toEqual([]);
    expect(undecided.map(({ ruleIds }) => ruleIds)).toEqual([[tomorrow.id], [unknown.id]]);
  });

  it('stops at a fixed amount of work and says so', () => {
    const rules = Array.from({ length: 30 }, (_, i) => rule(above(i), { actions: [set('score', i)] }));
    expect(search(rules, open)).toMatchObject({ isComplete: true, undecided: [] });
    const cut = search(rules, open, 2_000);
    expect(cut.isComplete).toBe(false);
    expect(search(rules, open, 2_000)).toEqual(cut);
    expect(cut.conflicts.length).toBeLessThan(435);
  });
});
