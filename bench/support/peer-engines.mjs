// The rules of `decisions.mjs` in other engines. Each maker gets rules and gives a function from a context to the ids of
// the rules that match, in the rules' order.
import { evaluateExpressionSync, ZenEngine } from '@gorules/zen-engine';
import { LogicEngine } from 'json-logic-engine';
import { Engine } from 'json-rules-engine';

/** json-logic-engine: each condition compiled to a function, one run after the other. */
export const jsonLogicEngine = (rules) => {
  const engine = new LogicEngine();
  const compiled = rules.map(({ id, condition }) => ({ id, holds: engine.build(condition) }));
  return (context) => {
    const matched = [];
    for (const { id, holds } of compiled) if (holds(context)) matched.push(id);
    return matched;
  };
};

/** json-rules-engine: an event for each rule that holds. */
export const jsonRulesEngine = (rules) => {
  const engine = new Engine();
  for (const { id, condition } of rules) engine.addRule({ conditions: asConditions(condition), event: { type: id } });
  const order = new Map(rules.map(({ id }, index) => [id, index]));
  return async (context) => {
    const { events } = await engine.run(context);
    return events.map(({ type }) => type).sort((a, b) => order.get(a) - order.get(b));
  };
};

const OPERATORS = {
  '==': 'equal',
  '>': 'greaterThan',
  '>=': 'greaterThanInclusive',
  '<': 'lessThan',
  in: 'in',
};

const asConditions = (logic) => {
  const [[name, args]] = Object.entries(logic);
  if (name === 'and') return { all: args.map(asConditions) };
  if (name === 'or') return { any: args.map(asConditions) };
  const [fact, member] = args[0].var.split('.');
  return { fact, path: `$.${member}`, operator: OPERATORS[name], value: args[1] };
};

/** zen-engine: one expression, evaluated without a promise. */
export const zenExpression = ([{ id, condition }]) => {
  const expression = asExpression(condition);
  return (context) => (evaluateExpressionSync(expression, context) ? [id] : []);
};

/** zen-engine: a decision table that collects every row that holds. */
export const zenTable = (rules) => {
  const decision = new ZenEngine().createDecision(tableOf(rules));
  return async (context) => {
    const { result } = await decision.evaluate(context);
    return result.map(({ rule }) => rule);
  };
};

const asExpression = (logic) => {
  const [[name, args]] = Object.entries(logic);
  if (name === 'and' || name === 'or') return `(${args.map(asExpression).join(` ${name} `)})`;
  return `${args[0].var} ${name} ${JSON.stringify(args[1])}`;
};

/** The segment in a column of its own, as an author of tables would write it. */
const tableOf = (rules) => {
  const at = { position: { x: 0, y: 0 } };
  const content = {
    hitPolicy: 'collect',
    inputs: [
      { id: 'segment', name: 'Segment', field: 'customer.segment' },
      { id: 'rest', name: 'Further' },
    ],
    outputs: [{ id: 'rule', name: 'Rule', field: 'rule' }],
    rules: rules.map(({ id, condition: { and } }) => ({
      _id: id,
      segment: JSON.stringify(and[0]['=='][1]),
      rest: asExpression(and[1]),
      rule: JSON.stringify(id),
    })),
  };
  return {
    contentType: 'application/vnd.gorules.decision',
    nodes: [
      { id: 'in', type: 'inputNode', name: 'in', ...at },
      { id: 'table', type: 'decisionTableNode', name: 'table', content, ...at },
      { id: 'out', type: 'outputNode', name: 'out', ...at },
    ],
    edges: [
      { id: 'first', type: 'edge', sourceId: 'in', targetId: 'table' },
      { id: 'second', type: 'edge', sourceId: 'table', targetId: 'out' },
    ],
  };
};

/** @throws Error when a contender finds other rules than the first one over any of the contexts */
export const assertSameMatches = async (contenders, contexts) => {
  const [[, first], ...others] = Object.entries(contenders);
  for (const context of contexts) {
    const expected = JSON.stringify(await first(context));
    for (const [name, find] of others) {
      if (JSON.stringify(await find(context)) !== expected) throw new Error(`${name} decides otherwise.`);
    }
  }
};
