import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { pathAndLiteral } from './context-path.js';
import type { PathAndLiteral } from './context-path.js';
import type { Expression, Operation } from './expression.js';
import { cannotFail } from './infallible.js';
import { parsePath } from './paths.js';
import type { Path } from './paths.js';
import { jsonTypeOf, schemaVerdict } from './schema-path.js';
import type { JsonType } from './schema-path.js';

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
  const asked = sides && valuesOf(operation.name, sides.written);
  if (!asked || !isPlain(sides.path) || !isWithPlainDefault(sides.read)) return undefined;
  const types = schemaVerdict(schema, sides.path);
  return typeof types !== 'string' && areFixed(types, asked) ? keyWith(operation, sides, { types, asked }) : undefined;
}

interface Question {
  readonly types: ReadonlySet<JsonType>;
  readonly asked: readonly JsonValue[];
}

function keyWith(operation: Operation, sides: PathAndLiteral, { types, asked }: Question): IndexKey {
  const isLookedAt = lookedAtOver(operation, sides.written, asked);
  return {
    path: sides.path.join('.'),
    values: types.has('null') && isLookedAt(null) ? [...asked, null] : asked,
    matchesAbsent: failsWhereAbsent(sides.read) || isLookedAt(defaultOf(sides.read)),
    types,
    pointer: operation.pointer,
  };
}

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

/** The field form's read of a missing path fails. */
const failsWhereAbsent = ({ name }: Operation): boolean => name === 'field';

/** What stands for a value that is missing. */
function defaultOf({ name, args }: Operation): JsonValue {
  const fallback = name === 'var' ? args[1] : undefined;
  return fallback?.kind === 'literal' ? fallback.value : null;
}

/** Whether a condition holds or fails over a value that may be of any type. */
function lookedAtOver({ operator }: Operation, written: JsonValue, asked: readonly JsonValue[]) {
  const holds = operator.relation?.(written) ?? ((value: JsonValue) => asked.includes(value));
  return (value: JsonValue): boolean => {
    try {
      return holds(value);
    } catch {
      return true;
    }
  };
}
