import type { JsonValue } from '../../../kernel/json.js';
import { compileExpression } from '../compile-expression.js';
import type { Expression, Operation } from '../expression.js';
import { operatorTable } from '../operators/operator-table.js';
import { parsePath } from '../paths.js';
import type { Path } from '../paths.js';
import { textOf } from '../values.js';
import type { Atom } from './formula.js';
import { noUses } from './uses.js';
import type { Uses } from './uses.js';

/** The path that an expression plainly reads from the context, undefined when it does something else. */
export function readPathOf(expression: Expression | undefined): Path | undefined {
  if (expression?.kind !== 'operation') return undefined;
  const { name, args } = expression;
  if (!args.every(({ kind }) => kind === 'literal')) return undefined;
  const values = args.map((argument) => (argument.kind === 'literal' ? argument.value : null));
  if (name === 'val') return keysOf(values);
  return name === 'var' || name === 'field' ? dotted(values[0]) : undefined;
}

/** The path that `exists` and `is_empty` ask about: as keys in JSONLogic, dotted in the field form. */
export function askedPathOf({ name, operator, args }: Operation): Path | undefined {
  if (name !== 'exists' && name !== 'is_empty') return undefined;
  const values = args.flatMap((argument) => (argument.kind === 'literal' ? [argument.value] : []));
  if (values.length < args.length) return undefined;
  return operator === operatorTable.exists ? keysOf(values) : dotted(values[0]);
}

const dotted = (value: JsonValue | undefined): Path | undefined =>
  typeof value === 'string' || typeof value === 'number' ? nonEmpty(parsePath(textOf(value))) : undefined;

const keysOf = (values: readonly JsonValue[]): Path | undefined =>
  values.every((value) => typeof value === 'string' || typeof value === 'number')
    ? nonEmpty(values.map(String))
    : undefined;

const nonEmpty = (path: Path): Path | undefined => (path.length > 0 ? path : undefined);

/** An operation as an atom of one path that the solver decides; undefined when it is of another form. */
export function decidableAtom(operation: Operation): Atom | undefined {
  const whole = readPathOf(operation) ?? askedPathOf(operation);
  if (whole) return atom(operation, whole, { ...noUses, asksEmptiness: operation.name === 'is_empty' });
  const positions = operation.args.flatMap((argument, i) => (argument.kind === 'literal' ? [] : [i]));
  const [position] = positions;
  const path = position === undefined ? undefined : readPathOf(operation.args[position]);
  if (!path || positions.length !== 1) return undefined;
  const literals = operation.args.flatMap((argument) => (argument.kind === 'literal' ? [argument.value] : []));
  const uses = operation.isList ? usesOf(operation.name, literals, position === 0) : undefined;
  return uses && atom(operation, path, uses);
}

const atom = (operation: Operation, path: Path, uses: Uses): Atom => ({
  paths: [path],
  evaluate: compileExpression(operation, new Map()),
  readsClock: false,
  uses,
});

const ORDERING = new Set(['==', '!=', '<', '<=', '>', '>=']);
const FIELD_ORDERING = new Set(['greater_than', 'greater_or_equal', 'less_than', 'less_or_equal']);
const EQUALITY = new Set(['===', '!==', 'equals', 'not_equals']);

type WhenFirst = (written: JsonValue) => Uses | undefined;

const members = (written: JsonValue): readonly JsonValue[] =>
  Array.isArray(written) ? (written as readonly JsonValue[]) : [written];

const withText = (written: JsonValue, uses: (text: string) => Uses): Uses =>
  typeof written === 'string' ? uses(written) : noUses;

/** Operators of two sides with the path on the left. */
const whenFirst: ReadonlyMap<string, WhenFirst> = new Map<string, WhenFirst>([
  ['in', (written) => (Array.isArray(written) ? { ...noUses, equal: members(written) } : surrounded(written))],
  ['not_in', (written) => ({ ...noUses, equal: members(written) })],
  ['between', (written) => ({ ...noUses, ordered: members(written) })],
  ['contains', (written) => ({ ...noUses, needles: [written] })],
  ['starts_with', (written) => withText(written, (text) => ({ ...noUses, prefixes: [text] }))],
]);

const surrounded = (written: JsonValue): Uses => withText(written, (text) => ({ ...noUses, surroundings: [text] }));

function usesOf(name: string, literals: readonly JsonValue[], isFirst: boolean): Uses | undefined {
  const [written = null] = literals;
  if (ORDERING.has(name)) return { ...noUses, ordered: literals };
  if (EQUALITY.has(name)) return { ...noUses, equal: literals };
  if (literals.length !== 1) return undefined;
  if (isFirst) return FIELD_ORDERING.has(name) ? { ...noUses, ordered: literals } : whenFirst.get(name)?.(written);
  // A needle is sought in lists by content and in texts as text.
  return name === 'in' ? { ...noUses, needles: [written, textOf(written)] } : undefined;
}
