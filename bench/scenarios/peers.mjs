import { createActionRegistry } from '../../dist/rules/engine/action-types.js';
import { decide } from '../../dist/rules/engine/decide.js';
import { compileRuleSet } from '../../dist/rules/engine/rule-set.js';
import { contexts, definitionsOf, facts, orderSchema, rules } from '../support/decisions.mjs';
import { closures, decideByHand } from '../support/hand-written.mjs';
import {
  assertSameMatches,
  jsonLogicEngine,
  jsonRulesEngine,
  zenExpression,
  zenTable,
} from '../support/peer-engines.mjs';
import { goal, medians, ratio } from '../support/report.mjs';
import { timeInTurns } from '../support/rounds.mjs';

const TIMING = { rounds: 5, milliseconds: 200 };

/** One rule and 100 rules in this engine and in others, all of which must find the same rules. */
export const peers = {
  name: 'peers',
  run: async () => {
    const one = await measure(definitionsOf(rules.slice(0, 1)), { 'zen, expression': zenExpression });
    const hundred = await measure(definitionsOf(rules), { 'zen, decision table': zenTable });
    return report(one, hundred);
  },
};

const measure = async (definitions, makers) => {
  const options = { actionTypes: createActionRegistry(), failurePolicy: 'fail_open', schema: orderSchema };
  const ruleSet = compileRuleSet(definitions, options);
  const written = closures(ruleSet);
  const inOrder = ruleSet.rules.map(({ definition }) => definition);
  const all = { 'json-logic-engine, compiled': jsonLogicEngine, 'json-rules-engine': jsonRulesEngine, ...makers };
  const others = Object.fromEntries(Object.entries(all).map(([name, make]) => [name, make(inOrder)]));
  const contenders = {
    'Proviso, with trace and effects': (context) => decide(ruleSet, context, facts).matchedRules,
    'hand-written closures, with trace': (context) => decideByHand(written, context).matchedRules,
    ...others,
  };
  await assertSameMatches(contenders, contexts);
  const runs = Object.entries(contenders).map(([name, find]) => [name, (run) => find(contexts[run % contexts.length])]);
  return timeInTurns(Object.fromEntries(runs), TIMING);
};

const rowsOf = (rules, times) => Object.entries(times).map(([engine, rounds]) => rowOf(rules, engine, rounds));

const rowOf = (rules, engine, rounds) => {
  const { time } = medians(rounds);
  return { engine, rules, 'µs a context': time, 'contexts/s': 1e6 / time };
};

const [PROVISO, JSON_LOGIC] = ['Proviso, with trace and effects', 'json-logic-engine, compiled'];

const report = (one, hundred) => ({
  title: 'One rule and 100 rules beside other engines, in process',
  rows: [...rowsOf('1', one), ...rowsOf('100', hundred)],
  goals: [
    goal('100 rules beside json-logic-engine compiled', ratio(hundred[JSON_LOGIC], hundred[PROVISO], 'time'), {
      atLeast: 1,
    }),
  ],
  notes: [
    `Medians of ${TIMING.rounds} rounds of ${TIMING.milliseconds} ms in turns; all find the same rules over 50 contexts.`,
    'Only Proviso computes effects, and only it and the closures say how each condition came out; it looks by its index at',
    'the rules of one segment, the others at all rules. Asynchronous engines are awaited one context after the other.',
  ],
  rounds: { one, hundred },
});
