import type { Violation } from '../../kernel/domain-error.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { contextPathOf, pathAndLiteral } from './context-path.js';
import type { Expression, Operation } from './expression.js';
import { jsonTypeOf, schemaVerdict } from './schema-path.js';
import type { JsonType } from './schema-path.js';
import { coerce } from './values.js';

type Types = ReadonlySet<JsonType>;

/** Whether a path of these types and a written value can plainly never work together. */
type Clash = (types: Types, written: JsonValue) => boolean;

const isForeign: Clash = (types, written) => !types.has(jsonTypeOf(written));

const isNoneOf =
  (...wanted: readonly JsonType[]): Clash =>
  (types) =>
    !wanted.some((type) => types.has(type));

/** Coercing comparisons clash only where one side can never become a number and the other is no text. */
const isIncomparable: Clash = (types, written) => {
  if (typeof written === 'object' && written !== null) return true;
  if (types.isSubsetOf(new Set(['array', 'object']))) return true;
  return (
    typeof written === 'string' && Number.isNaN(coerce(written)) && types.isSubsetOf(new Set(['number', 'boolean']))
  );
};

const areAllForeign: Clash = (types, written) =>
  Array.isArray(written) && (written as readonly JsonValue[]).every((member) => isForeign(types, member));

const isAnyForeign: Clash = (types, written) =>
  Array.isArray(written) && (written as readonly JsonValue[]).some((member) => isForeign(types, member));

const clashes: ReadonlyMap<string, Clash> = new Map<string, Clash>([
  ...['===', '!==', 'equals', 'not_equals'].map((name) => [name, isForeign] as const),
  ...['greater_than', 'greater_or_equal', 'less_than', 'less_or_equal'].map((name) => [name, isForeign] as const),
  ...['==', '!=', '<', '<=', '>', '>='].map((name) => [name, isIncomparable] as const),
  ['in', areAllForeign],
  ['not_in', areAllForeign],
  ['between', isAnyForeign],
  ['contains', isNoneOf('string', 'array')],
  ['starts_with', isNoneOf('string')],
  ['matches', isNoneOf('string')],
]);

/** Operators whose arguments behind the first see other data than the context. */
const CONTEXT_CHANGING = new Set(['map', 'filter', 'reduce', 'all', 'some', 'none', 'try']);

/** Where a condition plainly contradicts the entry point's schema: values of another type, paths that cannot be. */
export function lintTypes(expression: Expression, schema: JsonObject): readonly Violation[] {
  if (expression.kind === 'literal') return [];
  if (expression.kind === 'list') return expression.items.flatMap((item) => lintTypes(item, schema));
  const visible = CONTEXT_CHANGING.has(expression.name) ? expression.args.slice(0, 1) : expression.args;
  const own = [...lintPath(expression, schema), ...lintOperands(expression, schema)];
  return [...own, ...visible.flatMap((argument) => lintTypes(argument, schema))];
}

function lintPath(operation: Operation, schema: JsonObject): readonly Violation[] {
  const path = contextPathOf(operation);
  if (!path || schemaVerdict(schema, path) !== 'impossible') return [];
  return [{ pointer: operation.pointer, message: `The entry point's schema has no "${path.join('.')}".` }];
}

function lintOperands(operation: Operation, schema: JsonObject): readonly Violation[] {
  const { name, pointer } = operation;
  const clash = clashes.get(name);
  const sides = clash && pathAndLiteral(operation);
  if (!sides) return [];
  const types = schemaVerdict(schema, sides.path);
  if (typeof types === 'string' || !clash(types, sides.written)) return [];
  const where = `"${sides.path.join('.')}" is of type ${[...types].join(' or ')}`;
  return [{ pointer, message: `${name} cannot work with ${JSON.stringify(sides.written)}: ${where}.` }];
}
