import { createActionRegistry } from '../../dist/rules/engine/action-types.js';
import { decide as decideByRules } from '../../dist/rules/engine/decide.js';
import { compileRuleSet } from '../../dist/rules/engine/rule-set.js';
import { contexts, definitionsOf, facts, orderSchema, rules } from '../support/decisions.mjs';
import { closures, decideByHand } from '../support/hand-written.mjs';
import { goal, medians, ratio } from '../support/report.mjs';

const ROUNDS = 7;
const ROUND_MS = 300;

/** `decide` in process beside closures that a programmer would have written, with the same candidates and traces. */
export const decide = {
  name: 'decide',
  run: async () => {
    const options = { actionTypes: createActionRegistry(), failurePolicy: 'fail_open' };
    const definitions = definitionsOf(rules);
    const ruleSet = compileRuleSet(definitions, options);
    const indexed = compileRuleSet(definitions, { ...options, schema: orderSchema });
    const written = closures(ruleSet);
    const contenders = {
      engine: (context) => decideByRules(ruleSet, context, facts),
      closures: (context) => decideByHand(written, context),
    };
    assertSame(contenders);
    return report(inTurns({ ...contenders, indexed: (context) => decideByRules(indexed, context, facts) }));
  },
};

const assertSame = ({ engine, closures: byHand }) => {
  for (const context of contexts) {
    const { candidates, matchedRules } = engine(context);
    if (JSON.stringify({ candidates, matchedRules }) !== JSON.stringify(byHand(context))) {
      throw new Error('The closures decide otherwise than the engine.');
    }
  }
};

const inTurns = (contenders) => {
  const rounds = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (const work of Object.values(contenders)) measure(work);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, work] of Object.entries(contenders)) rounds[name].push(measure(work));
  }
  return rounds;
};

const measure = (work) => {
  const times = [];
  const end = performance.now() + ROUND_MS;
  for (let index = 0; performance.now() < end; index++) {
    const start = performance.now();
    work(contexts[index % contexts.length]);
    times.push((performance.now() - start) * 1000);
  }
  times.sort((a, b) => a - b);
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  return { mean, p50: times[times.length >> 1], p99: times[Math.floor(times.length * 0.99)] };
};

const report = ({ engine, indexed, closures: byHand }) => ({
  title: 'decide in process, 100 rules with their trace',
  rows: [
    rowOf('Proviso, looking at every rule', medians(engine)),
    rowOf('Proviso, by its index as in force', medians(indexed)),
    rowOf('hand-written closures', medians(byHand)),
  ],
  goals: [
    goal('speed beside the closures', ratio(byHand, engine, 'p50'), { atLeast: 0.5 }),
    goal('p99 of one decision, µs', medians(engine).p99, { atMost: 50 }),
  ],
  notes: [
    `Medians of ${ROUNDS} rounds in turns. Without its index the engine gives the same candidates, traces and`,
    'matches as the closures, and that is compared; only the engine computes effects.',
  ],
  rounds: { engine, indexed, byHand },
});

const rowOf = (engine, { mean, p50, p99 }) => ({ engine, 'mean µs': mean, 'p50 µs': p50, 'p99 µs': p99 });
