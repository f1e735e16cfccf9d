import type { JsonValue } from '../../../kernel/json.js';
import { invalidArguments } from '../evaluation-error.js';
import type { Operands, Operator, OperatorTable } from '../expression.js';
import { finite, toNumber } from '../values.js';
import { argumentValues, eager } from './operands.js';

type Binary = (a: number, b: number) => number;

/** An operator that folds numbers from left to right; `unary` answers for one operand, `empty` for none. */
function folding(apply: Binary, arity: readonly [number, number], rest: Rest): Operator {
  const fold = (values: readonly JsonValue[]): number => {
    const [first, ...others] = values.map(toNumber);
    if (first === undefined) return rest.empty();
    return finite(
      others.length === 0 ? rest.unary(first) : others.reduce((total, next) => finite(apply(total, next)), first),
    );
  };
  return { arity, build: (operands) => binaryOrFold(operands, apply, fold) };
}

interface Rest {
  readonly unary: (value: number) => number;
  readonly empty: () => number;
}

function binaryOrFold(operands: Operands, apply: Binary, fold: (values: readonly JsonValue[]) => number) {
  const [left, right] = operands.args;
  if (operands.isList && left && right && operands.args.length === 2) {
    return (scope: Parameters<typeof left>[0]) => finite(apply(toNumber(left(scope)), toNumber(right(scope))));
  }
  const values = argumentValues(operands);
  return (scope: Parameters<typeof values>[0]) => fold(values(scope));
}

const refuse = (): never => {
  throw invalidArguments('The operator needs more operands.');
};

const extreme = (choose: (...values: number[]) => number): Operator =>
  eager([1, Infinity], (values) => {
    if (values.length === 0) return refuse();
    return finite(values.map(toNumber).reduce((a, b) => choose(a, b)));
  });

/** Arithmetic over coerced numbers. Whatever gives no finite number is an error, also a division by zero. */
export const arithmeticOperators: OperatorTable = {
  '+': folding((a, b) => a + b, [0, Infinity], { unary: (value) => value, empty: () => 0 }),
  '-': folding((a, b) => a - b, [1, Infinity], { unary: (value) => 0 - value, empty: refuse }),
  '*': folding((a, b) => a * b, [0, Infinity], { unary: (value) => value, empty: () => 1 }),
  '/': folding((a, b) => a / b, [1, Infinity], { unary: (value) => 1 / value, empty: refuse }),
  '%': folding((a, b) => a % b, [2, Infinity], { unary: refuse, empty: refuse }),
  max: extreme(Math.max),
  min: extreme(Math.min),
};
