import type { JsonValue } from '../../../kernel/json.js';
import { invalidArguments, notANumber } from '../evaluation-error.js';
import type { Operator, OperatorTable } from '../expression.js';
import { coerce, isSame } from '../values.js';

type Holds = (a: JsonValue, b: JsonValue) => boolean;

/** A chain: holds when it holds between all neighbours; stops at the first pair where it does not. */
const chain = (holds: Holds): Operator => ({
  arity: [2, Infinity],
  isLazy: true,
  relation: (written) => (value) => holds(value, written),
  build: ({ args, isList }) => {
    const [first, second] = args;
    if (!isList || !first || !second) {
      return () => {
        throw invalidArguments('A comparison needs a list of at least two operands.');
      };
    }
    if (args.length === 2) return (scope) => holds(first(scope), second(scope));
    return (scope) => {
      let left = first(scope);
      for (let i = 1; i < args.length; i++) {
        const right = args[i]?.(scope) ?? null;
        if (!holds(left, right)) return false;
        left = right;
      }
      return true;
    };
  },
});

/**
 * Negative, 0 or positive as `a` stands before, beside or behind `b`. Two texts compare by UTF-16 code units, everything
 * else as numbers. Against null, which a missing value is, what cannot be a number gives NaN, so nothing holds; against
 * anything else it is an error.
 */
function compare(a: JsonValue, b: JsonValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a === b ? 0 : a < b ? -1 : 1;
  const difference = coerce(a) - coerce(b);
  if (Number.isNaN(difference) && a !== null && b !== null) {
    throw notANumber('The two sides cannot be compared as numbers.');
  }
  return difference;
}

/** The order of JSONLogic, for other operators that need it. @throws EvaluationError `not-a-number`. */
export const order = {
  isLess: (a: JsonValue, b: JsonValue) => compare(a, b) < 0,
  isAtMost: (a: JsonValue, b: JsonValue) => compare(a, b) <= 0,
  isGreater: (a: JsonValue, b: JsonValue) => compare(a, b) > 0,
  isAtLeast: (a: JsonValue, b: JsonValue) => compare(a, b) >= 0,
} as const;

/** Comparisons: soft with coercion, strict by content. All of them chain. */
export const comparisonOperators: OperatorTable = {
  '==': chain((a, b) => compare(a, b) === 0),
  '!=': chain((a, b) => compare(a, b) !== 0),
  '===': chain(isSame),
  '!==': chain((a, b) => !isSame(a, b)),
  '<': chain(order.isLess),
  '<=': chain(order.isAtMost),
  '>': chain(order.isGreater),
  '>=': chain(order.isAtLeast),
};
