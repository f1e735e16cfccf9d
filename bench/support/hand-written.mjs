// The rules of `decisions.mjs` as a programmer would write them: one closure a rule, each setting the bits of its trace
// in the order of the condition's nodes, as the engine does.
import { encodeTrace, TraceState } from '../../dist/rules/engine/trace.js';

const { NotReached, False, True } = TraceState;

const state = (holds) => (holds ? True : False);

/** Notes `order.total > 100` and its like at `node`, and at the next one the value that was read. */
const note = (trace, node, value, holds) => {
  trace[node] = state(holds);
  trace[node + 1] = state(Boolean(value));
  return holds;
};

const isSegment = (trace, { customer }, segment) => note(trace, 1, customer.segment, customer.segment === segment);

const FIRST = 3;

const tails = [
  (trace, { order }) => note(trace, FIRST, order.total, order.total > 100),
  (trace, { customer: { country } }) =>
    note(trace, FIRST, country, country === 'DE' || country === 'AT' || country === 'CH'),
  (trace, { order }) => {
    const holds =
      note(trace, FIRST + 1, order.channel, order.channel === 'web') ||
      note(trace, FIRST + 3, order.items, order.items >= 5);
    trace[FIRST] = state(holds);
    return holds;
  },
  (trace, { order, customer }) => {
    const holds =
      note(trace, FIRST + 1, customer.orders, customer.orders >= 3) &&
      note(trace, FIRST + 3, order.total, order.total < 5000);
    trace[FIRST] = state(holds);
    return holds;
  },
];

const nodeCounts = [5, 5, 8, 8];

/** The closures in the order in which the rules are decided. */
export const closures = (ruleSet) =>
  ruleSet.rules.map(({ definition: { id, version, priority, condition } }) => {
    const segment = condition.and[0]['=='][1];
    const tail = tails[priority];
    const holds = (trace, context) => {
      const isMatch = isSegment(trace, context, segment) && tail(trace, context);
      trace[0] = state(isMatch);
      return isMatch;
    };
    return { id, version, nodeCount: nodeCounts[priority], holds };
  });

/** Runs them all: the candidates with their trace, and the ids of the rules that matched. */
export const decideByHand = (written, context) => {
  const trace = new Uint8Array(Math.max(...nodeCounts));
  const candidates = [];
  const matchedRules = [];
  for (const { id, version, nodeCount, holds } of written) {
    trace.fill(NotReached, 0, nodeCount);
    const isMatch = holds(trace, context);
    candidates.push([id, version, state(isMatch), encodeTrace(trace, nodeCount)]);
    if (isMatch) matchedRules.push(id);
  }
  return { candidates, matchedRules };
};
