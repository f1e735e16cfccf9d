import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { concealAll, type DataKey, decryptAll, encryptedValue, keyIdsIn } from '../../audit/audit.contract.js';
import { canonicalJson } from '../../kernel/canonical-json.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { createActionRegistry } from '../engine/action-types.js';
import { decide } from '../engine/decide.js';
import type { RuleAction, RuleDefinition } from '../engine/rule.js';
import { compileRuleSet } from '../engine/rule-set.js';
import { hiddenTreeOf } from '../entry-points/hidden-tree.js';
import { type DecisionRecord, plainPayload, type RecordedEffect } from './decision-record.js';
import { sealPayload } from './sealed-payload.js';

const key: DataKey = { id: 'key-of-the-test', bytes: randomBytes(32) };
const EXECUTION = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';
const facts = {
  now: '2026-11-22T09:30:00.000Z',
  seed: 's',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: 'u', role: 'owner', permissions: [] },
};
const actionTypes = createActionRegistry([{ type: 'note', parametersSchema: { type: 'object' } }]);

/** The record of a decision by one rule for each list of actions; `note` answers what it was given. */
function recordOf(context: JsonObject, rules: readonly Partial<RuleDefinition>[]): [DecisionRecord, RuleDefinition[]] {
  const definitions = rules.map((rule, i): RuleDefinition => ({
    id: `rule-${i}`,
    version: 1,
    name: 'Rule',
    priority: 0,
    createdAt: '2026-11-22T09:30:00.000Z',
    enabled: true,
    stopOnMatch: false,
    condition: { '==': [1, 1] },
    actions: [],
    ...rule,
  }));
  const compiled = compileRuleSet(definitions, { actionTypes, failurePolicy: 'fail_open' });
  const { candidates, effects, errors, outcome, blocked } = decide(compiled, context, facts);
  const recorded = effects.map((effect): RecordedEffect => ({
    ...effect,
    applied: true,
    ...(effect.type === 'note' && { result: { said: effect.parameters } }),
  }));
  const head = { executionId: EXECUTION, entryPoint: 'a.b.c', ruleSetRevision: 1, durationUs: 7 };
  return [{ ...head, context, facts, candidates, effects: recorded, errors, outcome, blocked }, definitions];
}

function seal(
  [record, definitions]: [DecisionRecord, readonly RuleDefinition[]],
  paths: readonly string[],
): JsonObject {
  return sealPayload(plainPayload(record), record, {
    hidden: hiddenTreeOf({ personalPaths: paths })!,
    actionsOf: (ruleId) => definitions.find(({ id }) => id === ruleId)?.actions,
    seal: (value) => encryptedValue(key, value, EXECUTION),
  });
}

const reveal = ({ sealed: _, ...payload }: JsonObject): JsonValue => decryptAll(payload, () => key, EXECUTION);

const keys = ['a', 'b', '$encrypted', '$$encrypted', '0'] as const;
let made = 0;
/** A text that is nowhere else. */
const secret = fc.constant(null).map(() => `secret-${(made += 1)}-${'x'.repeat(12)}`);
const { object } = fc.letrec<{ value: JsonValue; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    secret,
    secret,
    fc.integer(),
    fc.constantFrom(null, true, ''),
    fc.array(tie('value'), { maxLength: 2 }),
    tie('object'),
  ),
  object: fc.dictionary(fc.constantFrom(...keys), tie('value'), { minKeys: 2, maxKeys: 4 }),
}));
const path = fc.array(fc.constantFrom(...keys), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
const placeholder = path.map((read) => `{{${read}}}`);
const text = fc.oneof(
  placeholder,
  path.map((read) => `about {{ ${read} }} and {{a}}`),
  fc.constant('constant'),
);
const action: fc.Arbitrary<RuleAction> = fc.oneof(
  fc.record({
    type: fc.constant('note'),
    parameters: fc.dictionary(
      fc.constantFrom('to', '$encrypted'),
      fc.oneof(text, fc.array(text), fc.record({ deep: text })),
    ),
  }),
  fc.record({ type: fc.constant('set_field'), parameters: fc.record({ field: path, value: text }) }),
  fc.record({
    type: fc.constant('adjust_field'),
    parameters: fc.record({ field: path, by: fc.oneof(fc.integer(), placeholder) }),
  }),
  fc.record({
    type: fc.constant('update'),
    parameters: fc.record({ fields: fc.oneof(text, fc.dictionary(path, text, { minKeys: 1 })) }),
  }),
  fc.record({ type: fc.constant('update_status'), parameters: fc.record({ status: text }) }),
);
const condition = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ '==': [1, 1] }) },
  fc
    .tuple(fc.constantFrom('+', 'throw', 'days_between', 'decimal_compare', 'map', 'fn'), path)
    .map(([operator, read]) => ({ [operator]: [{ var: read }, { var: read }] })),
);
const rule = fc.record({ condition, actions: fc.array(action, { maxLength: 3 }) });
const decision = fc.tuple(object, fc.array(rule, { maxLength: 3 }), fc.array(path, { minLength: 1, maxLength: 3 }));

/** Plainly: every text that a path covers, or that stands in a place where a path goes on and no object does. */
function coveredTexts(value: JsonValue | undefined, [first, ...rest]: readonly string[]): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  if (first === undefined || Array.isArray(value))
    return Object.values(value).flatMap((member: JsonValue) => coveredTexts(member, []));
  return coveredTexts(Object.hasOwn(value, first) ? (value as JsonObject)[first] : undefined, rest);
}

describe('a sealed record', () => {
  it('reveals what was sealed, canonically equal, whatever context, rules and paths', () => {
    fc.assert(
      fc.property(decision, ([context, rules, paths]) => {
        const made = recordOf(context, rules);
        expect(canonicalJson(reveal(JSON.parse(canonicalJson(seal(made, paths))) as JsonObject))).toBe(
          canonicalJson(plainPayload(made[0])),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('holds no hidden text anywhere in its bytes', () => {
    let hidden = 0;
    fc.assert(
      fc.property(decision, ([context, rules, paths]) => {
        const bytes = canonicalJson(seal(recordOf(context, rules), paths));
        const covered = paths.flatMap((each) => coveredTexts(context, each.split('.'))).filter((found) => found !== '');
        hidden += covered.length;
        expect(covered.filter((found) => bytes.includes(found))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
    expect(hidden).toBeGreaterThan(1_000);
  });

  const person = { name: 'Ida Berg', age: 41, phones: ['+45 1'], note: null };
  const shown = (paths: readonly string[], actions: RuleAction[], context: JsonObject = { person }): JsonObject =>
    concealAll(seal(recordOf(context, [{ actions }]), paths), 'masked') as JsonObject;
  const masked = { $encrypted: 'masked' };

  it('seals one value a path, what stands in its way, and no null', () => {
    const context = { person, people: [{ name: 'Bo' }], text: 'Bo', open: 1 };
    const paths = ['person.name', 'person.phones', 'person.note', 'person.absent', 'people.name', 'text.name'];
    const record = seal(recordOf(context, []), paths);
    expect(concealAll(record.context!, 'masked')).toEqual({
      person: { name: masked, age: 41, phones: masked, note: null },
      people: masked,
      text: masked,
      open: 1,
    });
    expect(keyIdsIn(record)).toEqual(new Set([key.id]));
  });

  it('seals what hidden values were written into, and shows the rest of an effect', () => {
    const parameters = { title: 'Call {{person.name}}', list: ['{{person.age}}', 'x'], plain: '{{person.age}}' };
    const { effects } = shown(['person.name'], [{ type: 'note', parameters }]);
    expect(effects).toMatchObject([
      { type: 'note', applied: true, parameters: { title: masked, list: [41, 'x'], plain: 41 }, result: masked },
    ]);
    expect(shown(['person.phones'], [{ type: 'note', parameters }]).effects).toMatchObject([
      { parameters: { title: 'Call Ida Berg' }, result: { said: { plain: 41 } } },
    ]);
    const whole = [{ type: 'note', parameters: { all: '{{person}}', text: 'All: {{person}}' } }];
    expect(shown(['person.name'], whole).effects).toMatchObject([{ parameters: { all: masked, text: masked } }]);
  });

  it('seals what is written into hidden fields, and sums that would show it', () => {
    const [set, adjust, update, status, sum] = [
      { type: 'set_field', parameters: { field: 'person.name', value: 'Bo' } },
      { type: 'adjust_field', parameters: { field: 'person.age', by: 1 } },
      { type: 'update', parameters: { fields: { 'person.name': 'Bo' } } },
      { type: 'update_status', parameters: { status: 'new' } },
      { type: 'adjust_field', parameters: { field: 'score', by: '{{person.age}}' } },
    ] as const;
    const hide = ['person', 'status'];
    expect(shown(hide, [set, adjust, status]).effects).toMatchObject([
      { parameters: { field: 'person.name', value: masked } },
      { parameters: { field: 'person.age', by: 1 }, result: masked },
      { parameters: { status: masked } },
    ]);
    expect(shown(hide, [update]).effects).toMatchObject([{ parameters: { fields: masked } }]);
    expect(shown(hide, [sum]).effects).toMatchObject([{ parameters: { field: 'score', by: masked }, result: masked }]);
    const fromHidden = { type: 'set_field', parameters: { field: 'score', value: '{{person.age}}' } };
    const further = { type: 'adjust_field', parameters: { field: 'score', by: 1 } };
    expect(shown(hide, [fromHidden, further]).effects).toMatchObject([{}, { parameters: { by: 1 }, result: masked }]);
    const fields = { type: 'update', parameters: { fields: '{{person}}' } };
    const [, lost] = shown(hide, [{ ...set, parameters: { field: 'age', value: 1 } }, fields]).effects as JsonObject[];
    expect(lost).toMatchObject({ parameters: { fields: masked }, overriddenFields: masked });
  });

  it('leaves ids, yes and no of a result, and seals the words of who refused an effect', () => {
    const [record, definitions] = recordOf({ person }, [
      { actions: [{ type: 'note', parameters: { to: '{{person.name}}' } }] },
    ]);
    const effects = record.effects.map((effect) => ({ ...effect, result: { started: true, executionId: EXECUTION } }));
    const error = { ruleId: '', ruleName: '', code: 'unknown-assignee', message: 'Ida Berg is nobody.' };
    const ofFunction = { ...error, ruleId: 'rule-0', code: 'function-failed' };
    const own = { ...ofFunction, code: 'missing-path', message: 'rule-0: The context has no value at "a".' };
    const payload = seal([{ ...record, effects, errors: [error, ofFunction, own] }, definitions], ['person.name']);
    expect(concealAll(payload, 'masked')).toMatchObject({
      effects: [{ result: { started: true, executionId: EXECUTION } }],
      errors: [{ code: 'unknown-assignee', message: masked }, { code: 'function-failed', message: masked }, own],
    });
    expect(canonicalJson(payload)).not.toContain('Ida');
  });

  it('seals all of an effect whose rule is not known', () => {
    const [record] = recordOf({ person }, [{ actions: [{ type: 'note', parameters: { to: '{{person.name}}' } }] }]);
    expect(concealAll(seal([record, []], ['person.name']).effects!, 'masked')).toMatchObject([
      { type: 'note', parameters: masked, result: masked },
    ]);
  });

  it('opens with its own key, in its own record, unchanged, and not otherwise', () => {
    const { sealed: _, ...payload } = seal(recordOf({ person }, []), ['person.name']);
    const other = { ...key, bytes: randomBytes(32) };
    expect(() => decryptAll(payload, () => other, EXECUTION)).toThrow();
    expect(() => decryptAll(payload, () => key, EXECUTION.replace('0', '1'))).toThrow();
    const flipped = canonicalJson(payload).replace(
      /("value":"[^"]{20})(.)/,
      (_all, head: string, letter: string) => head + (letter === 'A' ? 'B' : 'A'),
    );
    expect(() => decryptAll(JSON.parse(flipped) as JsonObject, () => key, EXECUTION)).toThrow();
    expect(() => decryptAll({ $encrypted: 'masked' }, () => key, EXECUTION)).toThrow('has not the form');
  });

  it('keeps a forged stand-in apart from its own', () => {
    const forged = { person, $encrypted: 'erased', deep: { $encrypted: { key: key.id, value: 'AA' } } };
    const payload = seal(recordOf(forged, []), ['person.name']);
    expect(concealAll(payload.context!, 'masked')).toEqual({
      person: { ...person, name: masked },
      $$encrypted: 'erased',
      deep: { $$encrypted: { key: key.id, value: 'AA' } },
    });
    expect(reveal(payload)).toMatchObject({ context: forged });
  });
});
