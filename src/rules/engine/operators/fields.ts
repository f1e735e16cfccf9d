import type { JsonValue } from '../../../kernel/json.js';
import { missingPath, typeMismatch } from '../evaluation-error.js';
import type { Evaluate, Lookup, Operands, Operator, OperatorTable } from '../expression.js';
import { compileLinearPattern } from '../linear-pattern.js';
import { compilePath, parsePath, readWith } from '../paths.js';
import { isSame, kindOf, memberOf, textOf } from '../values.js';
import { comparisonOperators, order } from './comparison.js';
import { literalAt, operatorsOf } from './operands.js';

const fieldPath = (operands: Operands): string => textOf(literalAt(operands, 0) ?? null);

/** A path that the context does not have is an error. */
function requiredLookup(operands: Operands): Lookup {
  const path = fieldPath(operands);
  const otherwise: Evaluate = () => {
    throw missingPath(path);
  };
  return { find: compilePath(parsePath(path)), otherwise };
}

/** A question about a path that may be missing; the value `false` turns the answer round. */
const polite = (holds: (value: JsonValue | undefined) => boolean): Operator => ({
  arity: [1, 2],
  build: (operands) => {
    const read = compilePath(parsePath(fieldPath(operands)));
    const wanted = literalAt(operands, 1) !== false;
    return (scope) => holds(read(scope)) === wanted;
  },
});

function isEmpty(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** A question about a field's value and the written one. */
const question = (relation: NonNullable<Operator['relation']>): Operator => ({
  arity: [2, 2],
  relation,
  build: (operands) => {
    const [field] = operands.args;
    const holds = relation(literalAt(operands, 1) ?? null);
    return (scope) => holds(field?.(scope) ?? null);
  },
});

/** A question that null, a value which is not known, answers with no. */
const knownQuestion = (ask: NonNullable<Operator['relation']>): Operator =>
  question((written) => {
    const holds = ask(written);
    return (value) => value !== null && holds(value);
  });

const contains = (written: JsonValue) => (value: JsonValue) => {
  if (typeof value === 'string') return typeof written === 'string' && value.includes(written);
  if (Array.isArray(value)) return value.some((item: JsonValue) => isSame(item, written));
  throw typeMismatch(`contains needs a text or a list, not ${kindOf(value)}.`);
};

const startsWith = (written: JsonValue) => (value: JsonValue) => {
  if (typeof value !== 'string') throw typeMismatch(`starts_with needs a text, not ${kindOf(value)}.`);
  return value.startsWith(textOf(written));
};

const matches = (written: JsonValue) => {
  const isFound = compileLinearPattern(textOf(written));
  return (value: JsonValue) => {
    if (typeof value !== 'string') throw typeMismatch(`matches needs a text, not ${kindOf(value)}.`);
    return isFound(value);
  };
};

const asList = (written: JsonValue): readonly JsonValue[] =>
  Array.isArray(written) ? (written as readonly JsonValue[]) : [written];

const membership = (wanted: boolean): Operator =>
  question((written) => {
    const isMember = memberOf(asList(written));
    return (value) => isMember(value) === wanted;
  });

const between = (written: JsonValue) => {
  const [low = null, high = null] = asList(written);
  return (value: JsonValue) => order.isAtLeast(value, low) && order.isAtMost(value, high);
};

/** The field form reads its left side with this operator; it is not one that an author can write. */
export const requiredFieldOperator: Operator = {
  arity: [1, 1],
  build: (operands) => readWith(requiredLookup(operands)),
  lookup: requiredLookup,
};

const ordered = (holds: (a: JsonValue, b: JsonValue) => boolean): Operator =>
  knownQuestion((written) => (value) => holds(value, written));

const comparison = (name: string): Operator => comparisonOperators[name] as Operator;

/**
 * The field form's operators. They compare as JSONLogic does, except that equality knows no coercion and that null is
 * neither before nor after anything.
 */
export const fieldOperators: OperatorTable = operatorsOf({
  equals: comparison('==='),
  not_equals: comparison('!=='),
  greater_than: ordered(order.isGreater),
  greater_or_equal: ordered(order.isAtLeast),
  less_than: ordered(order.isLess),
  less_or_equal: ordered(order.isAtMost),
  contains: knownQuestion(contains),
  starts_with: knownQuestion(startsWith),
  in: membership(true),
  not_in: membership(false),
  between: knownQuestion(between),
  matches: knownQuestion(matches),
  exists: polite((value) => value !== undefined),
  is_empty: polite(isEmpty),
});

/** Operators that ask about a path instead of reading it, so a missing one is no error. */
export const politeOperators: ReadonlySet<string> = new Set(['exists', 'is_empty']);
