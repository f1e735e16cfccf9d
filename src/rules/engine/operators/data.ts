import type { JsonValue } from '../../../kernel/json.js';
import { EvaluationError, invalidArguments } from '../evaluation-error.js';
import type { Evaluate, Lookup, Operands, Operator, OperatorTable, Scope } from '../expression.js';
import { compilePath, parsePath, readPath, readScopedPath, readWith } from '../paths.js';
import type { Path } from '../paths.js';
import { spend } from '../scope.js';
import { textOf, toNumber } from '../values.js';
import { argumentValues, literalAt } from './operands.js';

const dottedPath = (value: JsonValue): Path => parsePath(textOf(value));

const nothing: Evaluate = () => null;

/** `var` with a path that is written: its default, else null, stands for what is missing. */
function variableLookup(operands: Operands): Lookup | undefined {
  const [path, fallback = nothing] = operands.args;
  const literal = path ? literalAt(operands, 0) : null;
  return literal === undefined ? undefined : { find: compilePath(dottedPath(literal)), otherwise: fallback };
}

function variable(operands: Operands): Evaluate {
  const [path, otherwise = nothing] = operands.args;
  const find = (scope: Scope) => readScopedPath(scope, dottedPath(path?.(scope) ?? null));
  return readWith(variableLookup(operands) ?? { find, otherwise });
}

const asKeys = (values: readonly JsonValue[]): Path => values.map(String);

/** A value `up` levels above: even levels are the contexts around, odd ones `{index}` of the iterator between. */
function dataAbove(scope: Scope, up: number): JsonValue | undefined {
  let frame: Scope | null = scope;
  for (let level = up; level >= 2 && frame; level -= 2) frame = frame.parent;
  if (!frame) return undefined;
  if (up % 2 === 0) return frame.data;
  return frame.parent ? { index: frame.index } : undefined;
}

function readKeys(scope: Scope, values: readonly JsonValue[]): JsonValue | undefined {
  const [first, ...rest] = values;
  if (!Array.isArray(first)) return readScopedPath(scope, asKeys(values));
  const above = dataAbove(scope, Math.abs(toNumber((first as readonly JsonValue[])[0] ?? 0)));
  return above === undefined ? undefined : readPath(above, asKeys(rest));
}

/** `val` and `exists`: keys one by one, after `[n]` from n levels above. */
function keyFinder(operands: Operands): (scope: Scope) => JsonValue | undefined {
  const values = argumentValues(operands);
  const literals = operands.sources.map((source) => (source.kind === 'literal' ? source.value : undefined));
  const isPlain = literals.every((literal) => typeof literal === 'string' || typeof literal === 'number');
  if (isPlain) return compilePath(literals.map(String));
  return (scope) => readKeys(scope, values(scope));
}

const missingPaths = (scope: Scope, paths: readonly JsonValue[]): JsonValue[] =>
  paths.filter((path) => {
    const value = readScopedPath(scope, dottedPath(path)) ?? null;
    return value === null || value === '';
  });

function missing(operands: Operands): Evaluate {
  const values = argumentValues(operands);
  return (scope) => {
    const paths = values(scope);
    const [first] = paths;
    return missingPaths(scope, Array.isArray(first) ? (first as readonly JsonValue[]) : paths);
  };
}

function missingSome(operands: Operands): Evaluate {
  const values = argumentValues(operands);
  return (scope) => {
    const [needed, paths] = values(scope);
    if (needed === undefined || !Array.isArray(paths))
      throw invalidArguments('missing_some needs a number and a list.');
    const absent = missingPaths(scope, paths as readonly JsonValue[]);
    return paths.length - absent.length >= toNumber(needed) ? [] : absent;
  };
}

function merge(operands: Operands): Evaluate {
  const values = argumentValues(operands);
  return (scope) => {
    const merged = values(scope).flat() as JsonValue[];
    spend(scope, merged.length);
    return merged;
  };
}

/** `fn`: a named function over the other arguments; the parser has seen to it that the name exists. */
function call(operands: Operands): Evaluate {
  const name = literalAt(operands, 0);
  const target = typeof name === 'string' ? operands.functions.get(name) : undefined;
  const args = operands.args.slice(1);
  return (scope) => {
    if (!target) throw new EvaluationError('unknown-function', `There is no function ${JSON.stringify(name)}.`);
    const values = args.map((arg) => arg(scope));
    try {
      return target(values, scope.facts, scope.budget);
    } catch (error) {
      if (error instanceof EvaluationError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new EvaluationError('function-failed', `The function ${JSON.stringify(name)} failed: ${reason}`);
    }
  };
}

const exists: Operator = {
  arity: [1, Infinity],
  build: (operands) => {
    const find = keyFinder(operands);
    return (scope) => find(scope) !== undefined;
  },
};

/** Operators that read the context, build lists and call functions. */
export const dataOperators: OperatorTable = {
  var: { arity: [0, 2], build: variable, lookup: variableLookup },
  val: {
    arity: [0, Infinity],
    build: (operands) => readWith({ find: keyFinder(operands), otherwise: nothing }),
    lookup: (operands) => ({ find: keyFinder(operands), otherwise: nothing }),
  },
  exists,
  missing: { arity: [0, Infinity], build: missing },
  missing_some: { arity: [2, 2], build: missingSome },
  merge: { arity: [0, Infinity], build: merge },
  preserve: { arity: [0, Infinity], build: ({ args: [value] }) => value ?? (() => null) },
  fn: { arity: [1, Infinity], build: call },
};
