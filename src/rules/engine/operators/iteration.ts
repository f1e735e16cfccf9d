import type { JsonValue } from '../../../kernel/json.js';
import { invalidArguments } from '../evaluation-error.js';
import type { Evaluate, Operands, Operator, OperatorTable, Scope } from '../expression.js';
import { innerScope, spend } from '../scope.js';
import { isTruthy } from '../values.js';
import { literalAt } from './operands.js';

type Items = readonly JsonValue[];

const refuse = (): never => {
  throw invalidArguments('An iterator needs a list and an expression for its elements.');
};

const asItems = (value: JsonValue): Items => (Array.isArray(value) ? (value as Items) : refuse());

/** As asItems, but null, which a missing value is, counts as the empty list. */
const asItemsOrNone = (value: JsonValue): Items => (value === null ? [] : asItems(value));

/** Calls `visit` with the body's value for each element until it answers false. */
function iterate(
  scope: Scope,
  items: Items,
  body: Evaluate,
  visit: (value: JsonValue, item: JsonValue) => boolean,
): void {
  const inner = innerScope(scope, null);
  for (let i = 0; i < items.length; i++) {
    spend(scope, 1);
    const item = items[i] ?? null;
    inner.data = item;
    inner.index = i;
    if (!visit(body(inner), item)) return;
  }
}

type Collect = (scope: Scope, items: Items, body: Evaluate) => JsonValue;

/** An iterator that gives a list: its list may be missing, but neither argument may be written as null. */
const listing = (collect: Collect): Operator => ({
  arity: [2, 2],
  isLazy: true,
  build: (operands) => {
    const [list, body] = operands.args;
    const isNull = literalAt(operands, 0) === null || literalAt(operands, 1) === null;
    if (!operands.isList || !list || !body || isNull) return refuse;
    return (scope) => collect(scope, asItemsOrNone(list(scope)), body);
  },
});

/** An iterator that gives true or false: `found` once the body's truth is `wanted`, else `otherwise`. */
const quantifier = (wanted: boolean, found: boolean): Operator => ({
  arity: [2, 2],
  isLazy: true,
  build: ({ args: [list, body], isList }) => {
    if (!isList || !list || !body) return refuse;
    return (scope) => {
      const items = asItems(list(scope));
      let isFound = false;
      iterate(scope, items, body, (value) => {
        isFound = isTruthy(value) === wanted;
        return !isFound;
      });
      // No element is enough for `none`, and never enough for `some` and `all`.
      if (items.length === 0) return wanted && !found;
      return isFound === found;
    };
  },
});

const mapItems: Collect = (scope, items, body) => {
  const values: JsonValue[] = [];
  iterate(scope, items, body, (value) => values.push(value) > 0);
  return values;
};

const filterItems: Collect = (scope, items, body) => {
  const values: JsonValue[] = [];
  iterate(scope, items, body, (value, item) => {
    if (isTruthy(value)) values.push(item);
    return true;
  });
  return values;
};

/** Folds a list; without a start value the first element is the start. */
function reduction({ args: [list, body, initial], isList }: Operands): Evaluate {
  if (!isList || !list || !body) return refuse;
  return (scope) => {
    const items = asItemsOrNone(list(scope));
    let accumulator = initial ? initial(scope) : (items[0] ?? null);
    const inner = innerScope(scope, null);
    for (let i = initial ? 0 : 1; i < items.length; i++) {
      spend(scope, 1);
      inner.data = { current: items[i] ?? null, accumulator };
      inner.index = i;
      accumulator = body(inner);
    }
    return accumulator;
  };
}

/** Operators that run an expression over each element of a list. */
export const iterationOperators: OperatorTable = {
  map: listing(mapItems),
  filter: listing(filterItems),
  reduce: { arity: [2, 3], isLazy: true, build: reduction },
  all: quantifier(false, false),
  some: quantifier(true, true),
  none: quantifier(true, false),
};
