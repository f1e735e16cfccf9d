// Writes test/corpus/golden-decisions.ndjson: rule sets and what the engine decided by them over many contexts. The
// tests replay it byte by byte, so it must only be written anew when SEMANTICS_VERSION was raised, or for further cases:
//
//   npm run build && node scripts/golden-corpus.mjs
//
// It is made by a generator with a fixed seed: the same engine writes the same file.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './build.mjs';

const RECORDS = 1_000;
const CONTEXTS_PER_SET = 10;
const dist = (path) => import(join(root, 'dist', path));
const { canonicalJson } = await dist('kernel/canonical-json.js');
const { decide, SEMANTICS_VERSION } = await dist('rules/engine/decide.js');
const { compilePortable } = await dist('rules/engine/portable-rule-set.js');
const { compileFunctions } = await dist('rules/functions/sandbox/compile-functions.js');

/** Numbers from 0 to 1, the same for the same seed: a linear congruential generator (Numerical Recipes). */
let state = 20_261_126;
const chance = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
const whole = (least, most) => least + Math.floor(chance() * (most - least + 1));
const pick = (items) => items[whole(0, items.length - 1)];
const maybe = (share, value) => (chance() < share ? value : undefined);

const words = ['ann', 'bob', 'Annabel', '', 'übel', '12', 'n/a'];
const days = ['2026-01-31', '2026-02-28T12:00:00Z', '2024-02-29T23:30:00+02:00', 'yesterday'];
const amounts = ['12.30', '12.3', '0.1', '-7', 'many'];
const v = (path) => ({ var: path });
const number = () => pick([v('a'), v('b'), whole(-3, 9), v('nested.deep'), '4']);
const truth = () => pick([v('flag'), v('a'), v('name'), { '>': [v('b'), 2] }, { '!': [v('items')] }]);

/** One maker for each operator of JSONLogic, in the form that authors write. */
const logic = {
  '+': () => ({ '>': [{ '+': [number(), number(), 1] }, whole(0, 9)] }),
  '-': () => ({ '<': [{ '-': [number(), number()] }, whole(-3, 3)] }),
  '*': () => ({ '>=': [{ '*': [number(), number()] }, whole(0, 20)] }),
  '/': () => ({ '>': [{ '/': [number(), v('b')] }, 1] }),
  '%': () => ({ '==': [{ '%': [number(), pick([2, 3, 0])] }, 1] }),
  max: () => ({ '>': [{ max: [number(), number(), v('a')] }, 4] }),
  min: () => ({ '<': [{ min: [number(), number()] }, 2] }),
  '==': () => ({ '==': [v('a'), pick([1, '1', true, null])] }),
  '!=': () => ({ '!=': [v('name'), pick(words)] }),
  '===': () => ({ '===': [v('name'), pick(words)] }),
  '!==': () => ({ '!==': [v('nested'), { preserve: { deep: 1 } }] }),
  '<': () => ({ '<': [whole(-2, 2), v('a'), 8] }),
  '<=': () => ({ '<=': [v('b'), number()] }),
  '>': () => ({ '>': [number(), v('name')] }),
  '>=': () => ({ '>=': [v('nested.deep'), whole(0, 5)] }),
  and: () => ({ and: [truth(), truth(), { '>': [number(), 0] }] }),
  or: () => ({ or: [truth(), { '==': [v('name'), 'bob'] }] }),
  if: () => ({ if: [truth(), truth(), truth(), true, false] }),
  '?:': () => ({ '?:': [truth(), truth(), v('flag')] }),
  '!': () => ({ '!': [truth()] }),
  '!!': () => ({ '!!': [v(pick(['a', 'name', 'items', 'nested']))] }),
  '??': () => ({ '==': [{ '??': [v('missing'), v('a'), 7] }, 7] }),
  try: () => ({ try: [{ '>': [{ '/': [1, v('a')] }, 0] }, { '==': [v('type'), 'NaN'] }] }),
  throw: () => ({ if: [truth(), { throw: pick(['stop', { preserve: { type: 'own' } }]) }, true] }),
  map: () => ({ in: [6, { map: [v('items'), { '*': [v('price'), 2] }] }] }),
  filter: () => ({ '!!': [{ filter: [v('items'), { '>': [v('quantity'), whole(1, 3)] }] }] }),
  reduce: () => ({
    '>': [{ reduce: [v('items'), { '+': [v('accumulator'), v('current.price')] }, 0] }, whole(3, 15)],
  }),
  all: () => ({ all: [v('items'), { '>=': [v('quantity'), 1] }] }),
  some: () => ({ some: [v('items'), { '===': [v('tag'), pick(['x', 'y'])] }] }),
  none: () => ({ none: [v('items'), { '<': [v('price'), whole(0, 4)] }] }),
  cat: () => ({ '==': [{ cat: [v('name'), '-', v('a')] }, pick(['ann-1', 'bob-2', '-'])] }),
  substr: () => ({ '===': [{ substr: [v('name'), pick([0, -3]), pick([2, -1])] }, pick(['an', 'bo'])] }),
  in: () => ({ in: [v('name'), pick([['ann', 'bob'], 'annabel and bob'])] }),
  var: () => ({ var: [pick(['flag', 'nested.deep', 'items.0.price']), whole(0, 1)] }),
  val: () => ({ '>': [{ val: ['nested', 'deep'] }, whole(0, 4)] }),
  exists: () => ({ exists: ['nested', pick(['deep', 'none'])] }),
  missing: () => ({ '!': [{ missing: ['a', pick(['name', 'gone'])] }] }),
  missing_some: () => ({ '!': [{ missing_some: [1, ['a', 'b', 'gone']] }] }),
  merge: () => ({ in: [v('a'), { merge: [[1, 2], v('list')] }] }),
  preserve: () => ({ '===': [v('nested'), { preserve: { deep: whole(0, 3) } }] }),
  fn: () => ({ fn: ['gone', v('a')] }),
  now: () => ({ '<': [{ now: [] }, pick(['2026-06-01', '2025-01-01'])] }),
  days_between: () => ({ '>': [{ days_between: [v('when'), { now: [] }] }, whole(0, 60)] }),
  date_add: () => ({
    '<': [{ date_add: [v('when'), whole(1, 13), pick(['days', 'months', 'fortnights'])] }, { now: [] }],
  }),
  decimal_compare: () => ({ '==': [{ decimal_compare: [v('amount'), '12.3'] }, pick([0, 1, -1])] }),
};

const field = (path, operator, value) => ({ field: path, operator, ...(value !== undefined && { value }) });

/** One maker for each operator of the field form. */
const fields = {
  equals: () => field('a', 'equals', pick([1, 2, '1'])),
  not_equals: () => field('name', 'not_equals', pick(words)),
  greater_than: () => field('a', 'greater_than', whole(0, 6)),
  greater_or_equal: () => field('nested.deep', 'greater_or_equal', whole(0, 6)),
  less_than: () => field('b', 'less_than', whole(0, 6)),
  less_or_equal: () => field('a', 'less_or_equal', pick([3, '3'])),
  contains: () => field(pick(['name', 'list', 'flag']), 'contains', pick(['an', 2])),
  starts_with: () => field(pick(['name', 'a']), 'starts_with', 'An'),
  in: () => field('name', 'in', ['ann', 'bob']),
  not_in: () => field('a', 'not_in', [1, 2, null]),
  between: () => field(pick(['a', 'name']), 'between', [1, 4]),
  matches: () => field(pick(['name', 'b']), 'matches', '^[a-z]+$'),
  exists: () => field(pick(['a', 'gone', 'nested.deep']), 'exists', maybe(0.5, false)),
  is_empty: () => field(pick(['name', 'items', 'gone']), 'is_empty'),
};

/** One maker for each way in which the engine's own actions are written. */
const actions = {
  set_field: () => ({
    field: pick(['tier', 'status']),
    value: pick(['gold', '{{name}}', 'Dear {{name}}, {{a}}', { of: '{{list}}' }]),
  }),
  adjust_field: () => ({
    field: pick(['score', 'score', 'name']),
    by: pick([0.1, 25, -3.25, '{{a}}']),
    ...(chance() < 0.3 && { max: 20 }),
  }),
  update: () => ({ fields: { tier: 'silver', score: whole(0, 9), ...(chance() < 0.5 && { status: '{{user}}' }) } }),
  update_status: () => ({ status: pick(['open', '{{name}}', '{{gone}}']) }),
  set_outcome: () => ({ outcome: pick(['allow', 'deny', 'review']), reason: 'because of {{b}}' }),
};

const cycle = (makers) => {
  const names = Object.keys(makers);
  let next = 0;
  return () => names[next++ % names.length];
};
const [nextLogic, nextField, nextAction] = [logic, fields, actions].map(cycle);

const condition = () => {
  if (chance() < 0.6) return { condition: logic[nextLogic()]() };
  const list = Array.from({ length: whole(1, 3) }, () => fields[nextField()]());
  return { conditions: list.map((one, i) => (i > 0 && chance() < 0.5 ? { ...one, logicalOperator: 'OR' } : one)) };
};
const action = () => {
  const type = nextAction();
  return { type, parameters: actions[type]() };
};
const rule = (_, i) => ({
  id: `r${i}`,
  version: 1,
  name: `Rule ${i}`,
  priority: whole(0, 2),
  createdAt: pick(['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z']),
  enabled: chance() < 0.95,
  stopOnMatch: chance() < 0.05,
  ...(chance() < 0.1 && { validFrom: '2026-03-01T00:00:00.000Z' }),
  ...condition(),
  actions: Array.from({ length: whole(1, 2) }, action),
});
const context = () =>
  JSON.parse(
    JSON.stringify({
      a: maybe(0.8, pick([0, 1, 2, 3.5, '4', null, true])),
      b: maybe(0.9, pick([0, 1, 2, 6, -1])),
      name: maybe(0.9, pick(words)),
      flag: maybe(0.8, chance() < 0.5),
      when: pick(days),
      amount: pick(amounts),
      list: maybe(0.8, pick([[], [1, 2], ['an', 3]])),
      nested: maybe(0.7, { deep: whole(0, 5) }),
      items: maybe(
        0.8,
        Array.from({ length: whole(0, 3) }, () => ({
          price: whole(0, 6),
          quantity: whole(0, 3),
          tag: pick(['x', 'y', null]),
        })),
      ),
      score: maybe(0.5, pick([3, 0.2, 'none'])),
    }),
  );
const facts = () => ({
  now: pick(['2026-02-10T08:00:00.000Z', '2026-04-01T00:00:00.000Z']),
  seed: 's',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: 'u-1', role: pick(['sales', 'support']), permissions: [] },
});

const lines = [{ semanticsVersion: SEMANTICS_VERSION }];
let compiled;
for (let record = 0; record < RECORDS; record++) {
  if (record % CONTEXTS_PER_SET === 0) {
    const rules = Array.from({ length: 5 }, rule);
    const ruleSet = {
      rules,
      actionTypes: [],
      functions: [],
      failurePolicy: pick(['fail_open', 'fail_open', 'fail_closed']),
    };
    compiled = compilePortable(ruleSet, compileFunctions);
    lines.push({ ruleSet });
  }
  // As they are read from the trail, with keys in canonical order.
  const decided = JSON.parse(canonicalJson({ context: context(), facts: facts() }));
  const { outcome, blocked, effects, errors, candidates } = decide(compiled, decided.context, decided.facts);
  const kept = candidates.filter(([, , verdict]) => verdict > 1);
  lines.push({ ...decided, outcome, blocked, effects, errors, candidates: kept });
}
mkdirSync(join(root, 'test', 'corpus'), { recursive: true });
const text = lines.map((line) => `${canonicalJson(line)}\n`).join('');
writeFileSync(join(root, 'test', 'corpus', 'golden-decisions.ndjson'), text);
