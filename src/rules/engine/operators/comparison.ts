import type { JsonValue } from '../../../kernel/json.js';
import { invalidArguments, notANumber } from '../evaluation-error.js';
import type { Operator, OperatorTable } from '../expression.js';
import { coerce, isSame } from '../values.js';

type Holds = (a: JsonValue, b: JsonValue) => boolean;

/** A chain: holds when it holds between all neighbours; stops at the first pair where it does not. */
const chain = (holds: Holds): Operator => ({
  arity: [2, Infinity],
  isLazy: true,
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
 * Two texts compare by UTF-16 code units, everything else as numbers. Against null, which a missing value is, what
 * cannot be a number compares as false; against anything else it is an error.
 */
const coerced =
  (text: (a: string, b: string) => boolean, number: (a: number, b: number) => boolean): Holds =>
  (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return number(a, b);
    if (typeof a === 'string' && typeof b === 'string') return text(a, b);
    const left = coerce(a);
    const right = coerce(b);
    if ((Number.isNaN(left) || Number.isNaN(right)) && a !== null && b !== null) {
      throw notANumber('The two sides cannot be compared as numbers.');
    }
    return number(left, right);
  };

const softEquals = coerced(
  (a, b) => a === b,
  (a, b) => a === b,
);

/** The order of JSONLogic, for other operators that need it. @throws EvaluationError `not-a-number`. */
export const order = {
  isLess: coerced(
    (a, b) => a < b,
    (a, b) => a < b,
  ),
  isAtMost: coerced(
    (a, b) => a <= b,
    (a, b) => a <= b,
  ),
  isGreater: coerced(
    (a, b) => a > b,
    (a, b) => a > b,
  ),
  isAtLeast: coerced(
    (a, b) => a >= b,
    (a, b) => a >= b,
  ),
} as const;

/** Comparisons: soft with coercion, strict by content. All of them chain. */
export const comparisonOperators: OperatorTable = {
  '==': chain(softEquals),
  '!=': chain((a, b) => !softEquals(a, b)),
  '===': chain(isSame),
  '!==': chain((a, b) => !isSame(a, b)),
  '<': chain(order.isLess),
  '<=': chain(order.isAtMost),
  '>': chain(order.isGreater),
  '>=': chain(order.isAtLeast),
};
