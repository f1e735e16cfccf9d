import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { compileExpression, evaluateOnce } from './compile-expression.js';
import { pathAndLiteral } from './context-path.js';
import type { Expression, Operation } from './expression.js';
import type { Facts } from './facts.js';
import { cannotFail } from './infallible.js';
import { parsePath } from './paths.js';
import type { Path } from './paths.js';
import { jsonTypeOf, schemaVerdict } from './schema-path.js';
import type { JsonType } from './schema-path.js';
import { isTruthy } from './values.js';

/**
 * What must stand at one path for a rule to match or to fail: over every context that fits the schema and holds
 * something else there, its condition is false without an error.
 */
export interface IndexKey {
  /** Dotted path into the context. */
  readonly path: string;
  /** Values under which the rule is looked at: texts, numbers, booleans or null. */
  readonly values: readonly JsonValue[];
  /** Whether it is also looked at where the path leads nowhere. */
  readonly matchesAbsent: boolean;
  /** The types that the schema allows at the path. */
  readonly types: ReadonlySet<JsonType>;
  /** Where in the rule the key stands, as JSON pointer. */
  readonly pointer: string;
}

/** All keys that a condition could be indexed by, from left to right; none where it must always be looked at. */
export function indexKeysOf(expression: Expression, schema: JsonObject): readonly IndexKey[] {
  if (expression.kind !== 'operation') return [];
  const { name, isList } = expression;
  if (name === 'and' && isList) return keysOfAll(expression, schema);
  if (name === 'or' && isList) return keysOfAny(expression, schema);
  const key = keyOf(expression, schema);
  return key ? [key] : [];
}

/** A key to the right of what can fail would hide the failure. */
function keysOfAll({ args }: Operation, schema: JsonObject): readonly IndexKey[] {
  const fallible = args.findIndex((argument) => !cannotFail(argument, schema));
  const reached = fallible < 0 ? args : args.slice(0, fallible + 1);
  return reached.flatMap((argument) => indexKeysOf(argument, schema));
}

/** Alternatives have the keys that all of them have, under the values of all of them. */
function keysOfAny({ args, pointer }: Operation, schema: JsonObject): readonly IndexKey[] {
  const [first = [], ...others] = args.map((argument) => indexKeysOf(argument, schema));
  return first.flatMap((key) => {
    const same = others.map((keys) => keys.find(({ path }) => path === key.path));
    const keys = [key, ...same.filter((other) => other !== undefined)];
    if (keys.length < args.length) return [];
    const values = [...new Set(keys.flatMap((one) => one.values))];
    return [{ ...key, values, matchesAbsent: keys.some(({ matchesAbsent }) => matchesAbsent), pointer }];
  });
}

function keyOf(operation: Operation, schema: JsonObject): IndexKey | undefined {
  const sides = operation.isList ? pathAndLiteral(operation) : undefined;
  if (!sides || !isPlain(sides.path) || !isWithPlainDefault(sides.read)) return undefined;
  const asked = valuesOf(operation.name, sides.written);
  const types = schemaVerdict(schema, sides.path);
  if (!asked || typeof types === 'string' || !areFixed(types, asked)) return undefined;
  return {
    path: sides.path.join('.'),
    values: isLookedAtOverNull(operation, sides.path, types) ? [...asked, null] : asked,
    // The field form's read of a missing path fails.
    matchesAbsent: sides.read.name === 'field' || isLookedAt(operation, {}),
    types,
    pointer: operation.pointer,
  };
}

const isLookedAtOverNull = (operation: Operation, path: Path, types: IndexKey['types']): boolean =>
  types.has('null') && isLookedAt(operation, contextWith(path, null));

/** The constants that an equality or a membership asks for. */
function valuesOf(name: string, written: JsonValue): readonly JsonValue[] | undefined {
  if (name === '==' || name === '===' || name === 'equals') return [written];
  return name === 'in' && Array.isArray(written) ? [...new Set(written as readonly JsonValue[])] : undefined;
}

/** Over two values of one type soft and strict equality are the same. */
function areFixed(types: ReadonlySet<JsonType>, values: readonly JsonValue[]): boolean {
  const known = [...types].filter((type) => type !== 'null');
  const [type] = known;
  if (known.length !== 1 || type === undefined || type === 'array' || type === 'object') return false;
  return values.every((value) => jsonTypeOf(value) === type);
}

/** A key of `val` may hold a dot, and then the dotted path would be another one. */
const isPlain = (path: Path): boolean => parsePath(path.join('.')).length === path.length;

/** Only a constant stands for a missing value without a look at the context. */
const isWithPlainDefault = ({ args }: Operation): boolean => args.every(({ kind }) => kind === 'literal');

const contextWith = (path: Path, value: JsonValue): JsonValue =>
  path.reduceRight<JsonValue>((inner, key) => Object.fromEntries([[key, inner]]), value);

const nobody: Facts = {
  now: '1970-01-01T00:00:00.000Z',
  seed: '',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: '', role: '', permissions: [] },
};

/** Whether a condition holds or fails over a context that decides it alone. */
function isLookedAt(operation: Operation, context: JsonValue): boolean {
  const nodeCount = operation.node + 1 + operation.args.length;
  try {
    return isTruthy(evaluateOnce(compileExpression(operation, new Map()), nodeCount, context, nobody));
  } catch {
    return true;
  }
}
