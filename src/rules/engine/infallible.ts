import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { contextPathOf, pathAndLiteral } from './context-path.js';
import type { Expression, Operation } from './expression.js';
import type { Path } from './paths.js';
import { isRequiredPath, jsonTypeOf, schemaVerdict } from './schema-path.js';
import type { JsonType } from './schema-path.js';

type Types = ReadonlySet<JsonType>;

/** Whether an operator can never fail over values of these types and this constant beside them. */
type IsSafe = (types: Types, written: JsonValue) => boolean;

/**
 * Whether an expression gives a value over every context that fits the schema, whatever it holds. Says no where it is
 * not sure.
 */
export function cannotFail(expression: Expression, schema: JsonObject): boolean {
  if (expression.kind === 'literal') return true;
  if (expression.kind === 'list') return expression.items.every((item) => cannotFail(item, schema));
  return isSafeRead(expression, schema) || isSafeOperation(expression, schema) || isSafeComparison(expression, schema);
}

/** Reads of `var` and `val` give null, or a default, for what is missing; the field form's read fails. */
function isSafeRead(operation: Operation, schema: JsonObject): boolean {
  const path = contextPathOf(operation);
  if (!path) return false;
  if (operation.name === 'field') return isRequiredPath(schema, path);
  return operation.args.every((argument) => cannotFail(argument, schema));
}

function isSafeOperation(operation: Operation, schema: JsonObject): boolean {
  const { name, args, isList, operator } = operation;
  if (!SAFE_OVER_ANYTHING.has(name) && !SAFE_BESIDE_CONSTANTS.get(name)?.(args)) return false;
  if (operator.isLazy && (!isList || args.length < operator.arity[0])) return false;
  return args.every((argument) => cannotFail(argument, schema));
}

const SAFE_OVER_ANYTHING = new Set([
  ...['===', '!==', 'equals', 'not_equals', 'and', 'or', 'if', '?:', '!', '!!', '??', 'now', 'preserve', 'is_empty'],
]);

type IsSafeBeside = (args: Operation['args']) => boolean;

/** Keys and members that are written; computed ones might be of a form that the operator refuses. */
const SAFE_BESIDE_CONSTANTS: ReadonlyMap<string, IsSafeBeside> = new Map<string, IsSafeBeside>([
  ['exists', (args) => args.every((key) => key.kind === 'literal' && typeof key.value !== 'object')],
  ['in', ([, list]) => list?.kind === 'literal' && Array.isArray(list.value)],
  ['not_in', () => true],
]);

/** A comparison that knows from the schema what stands at its path. */
function isSafeComparison(operation: Operation, schema: JsonObject): boolean {
  const isSafe = operation.isList ? SAFE_OVER_TYPES.get(operation.name) : undefined;
  const sides = isSafe && pathAndLiteral(operation);
  if (!sides || !cannotFail(sides.read, schema)) return false;
  // What stands for a missing value is no value of the schema, unless it is null.
  if (sides.read.args.length > 1 && sides.read.name === 'var') return false;
  return isSafeOver(isSafe, schema, sides);
}

function isSafeOver(isSafe: IsSafe, schema: JsonObject, { path, written }: { path: Path; written: JsonValue }) {
  const types = schemaVerdict(schema, path);
  return typeof types !== 'string' && isSafe(types, written);
}

/** JSONLogic's order knows two numbers, two texts, two booleans, and null beside anything. */
const isOrdered: IsSafe = (types, written) => {
  const type = jsonTypeOf(written);
  if (type === 'array' || type === 'object') return false;
  return type === 'null' || types.isSubsetOf(new Set<JsonType>(['null', type]));
};

const isOrderedByBoth: IsSafe = (types, written) =>
  Array.isArray(written) && (written as readonly JsonValue[]).every((member) => isOrdered(types, member));

const isOneOf =
  (...known: readonly JsonType[]): IsSafe =>
  (types) =>
    types.isSubsetOf(new Set<JsonType>(['null', ...known]));

const SAFE_OVER_TYPES: ReadonlyMap<string, IsSafe> = new Map<string, IsSafe>([
  ...['==', '!=', '<', '<=', '>', '>='].map((name) => [name, isOrdered] as const),
  ...['greater_than', 'greater_or_equal', 'less_than', 'less_or_equal'].map((name) => [name, isOrdered] as const),
  ['between', isOrderedByBoth],
  ['contains', isOneOf('string', 'array')],
  ['starts_with', isOneOf('string')],
  ['matches', isOneOf('string')],
]);
