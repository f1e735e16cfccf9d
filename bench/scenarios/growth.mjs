import { createActionRegistry } from '../../dist/rules/engine/action-types.js';
import { decide } from '../../dist/rules/engine/decide.js';
import { compileRuleSet } from '../../dist/rules/engine/rule-set.js';
import { contextsOver, definitionsOf, facts, orderSchema, rulesOver } from '../support/decisions.mjs';
import { assertSameMatches, jsonLogicEngine } from '../support/peer-engines.mjs';
import { goal, medians, ratio } from '../support/report.mjs';
import { timeInTurns } from '../support/rounds.mjs';

const TIMING = { rounds: 5, milliseconds: 300 };
const SIZES = [10, 100, 1_000, 10_000];
/** One rule in so many is a candidate. */
const SHARE = 500;

/** What more rules cost: with as many candidates at every size, with a share of them, and with rules without a key. */
export const growth = {
  name: 'growth',
  run: async () => {
    const sameCandidates = await timeInTurns(byName(SIZES.map(withFourCandidates)), TIMING);
    const share = await timeInTurns(byName([withShare()]), TIMING);
    const mixed = withUnindexable();
    const contenders = { Proviso: mixed.ours, [JSON_LOGIC]: jsonLogicEngine(mixed.definitions) };
    await assertSameMatches(contenders, mixed.contexts);
    const { contexts } = mixed;
    const runs = Object.entries(contenders).map(([name, find]) => [
      name,
      (run) => find(contexts[run % contexts.length]),
    ]);
    return report(sameCandidates, share, await timeInTurns(Object.fromEntries(runs), TIMING));
  },
};

const JSON_LOGIC = 'json-logic-engine, compiled and linear';

const compile = (definitions) =>
  compileRuleSet(definitions, { actionTypes: createActionRegistry(), failurePolicy: 'fail_open', schema: orderSchema });

const byName = (measured) => Object.fromEntries(measured.map(({ name, run }) => [name, run]));

const runOver = (name, ruleSet, contexts, candidates) => {
  for (const context of contexts) {
    const found = decide(ruleSet, context, facts).candidates.length;
    if (found !== candidates) throw new Error(`${name}: ${found} candidates instead of ${candidates}.`);
  }
  return { name, run: (run) => decide(ruleSet, contexts[run % contexts.length], facts) };
};

/** Segments of four rules each. */
const withFourCandidates = (size) => {
  const segments = Math.max(1, Math.floor(size / 4));
  return runOver(String(size), compile(definitionsOf(rulesOver(segments))), contextsOver(segments), 4);
};

/** Of the candidates one in four matches, so that looking at them is measured more than their effects. */
const withShare = () => {
  const segments = SHARE;
  const [size] = SIZES.slice(-1);
  const contexts = contextsOver(segments).map(({ order, customer }) => ({
    order: { ...order, total: 50, items: 1, channel: 'store' },
    customer: { ...customer, country: 'FR' },
  }));
  const ruleSet = compile(definitionsOf(rulesOver(segments, size / segments / 4)));
  return runOver(`${size}, 1 in ${SHARE}`, ruleSet, contexts, size / SHARE);
};

/** Every tenth rule asks for a range only. */
const withUnindexable = () => {
  const segments = 2_500;
  const definitions = definitionsOf(
    rulesOver(segments).map((rule, index) =>
      index % 10 === 0 ? { ...rule, condition: { '>': [{ var: 'order.total' }, 495 + index] } } : rule,
    ),
  );
  const ruleSet = compile(definitions);
  const ours = (context) => decide(ruleSet, context, facts).matchedRules;
  return { ours, contexts: contextsOver(segments), definitions: ruleSet.rules.map(({ definition }) => definition) };
};

const report = (sameCandidates, share, mixed) => {
  const [[shareName, shareRounds]] = Object.entries(share);
  const perCandidate = medians(shareRounds).time / (10_000 / SHARE);
  const rows = [
    ...Object.entries(sameCandidates).map(([name, rounds]) => rowOf('Proviso', `${name}, 4 candidates`, rounds)),
    rowOf('Proviso', `${shareName} a candidate`, shareRounds),
    ...Object.entries(mixed).map(([name, rounds]) => rowOf(name, '10000, 1 in 10 without a key', rounds)),
  ];
  return {
    title: 'What more rules cost, in process',
    rows,
    goals: [
      goal('10,000 beside 100 rules, 4 candidates', ratio(sameCandidates[10_000], sameCandidates[100], 'time'), {
        atMost: 2,
      }),
      goal('µs a candidate, 1 in 500', perCandidate, { atMost: 0.15 }),
      goal('1 in 10 without a key, beside linear', ratio(mixed[JSON_LOGIC], mixed.Proviso, 'time'), { atLeast: 5 }),
    ],
    notes: [
      `Medians of ${TIMING.rounds} rounds of ${TIMING.milliseconds} ms in turns, over 50 contexts. In the share one candidate in`,
      'four matches. Where rules have no key both engines find the same rules; only Proviso has traces and effects.',
    ],
    rounds: { sameCandidates, share, mixed },
  };
};

const rowOf = (engine, rules, rounds) => ({ engine, rules, 'µs a context': medians(rounds).time });
