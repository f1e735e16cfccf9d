import type { JsonValue } from '../../kernel/json.js';
import type { Observation } from './explain-observation.js';
import type { Expression, Operation } from './expression.js';
import type { Facts } from './facts.js';
import { fieldOperators, requiredFieldOperator } from './operators/fields.js';
import { parsePath, readScopedPath } from './paths.js';
import { createScope } from './scope.js';
import { textOf } from './values.js';

/** One value that an operation read. */
export interface ValueRead {
  /** Dotted, as the author wrote it: from the context, or from the element of the innermost iterator. */
  readonly path: string;
  /** Absent where there was no value. */
  readonly value?: JsonValue;
}

/** The paths that an operation read itself, with their values; those of its arguments are theirs. */
export function readsOf(operation: Operation, observation: Observation, facts: Facts): readonly ValueRead[] {
  const observed = observation.nodes.get(operation.node);
  const paths = pathsOf.get(readerOf(operation));
  if (!observed || !paths) return [];
  const scope = createScope(observed.data, facts, 0);
  return paths(operation, observation).map((path) => {
    const value = isLifted(operation) ? observed.value : readScopedPath(scope, parsePath(path));
    return value === undefined ? { path } : { path, value };
  });
}

type Paths = (operation: Operation, observation: Observation) => readonly string[];

/** The field form has operators of the same names that read paths in another way. */
function readerOf({ name, operator }: Operation): string {
  const isOfFieldForm = operator === requiredFieldOperator || fieldOperators[name] === operator;
  return isOfFieldForm ? `field form ${name}` : name;
}

const firstAsPath: Paths = ({ args: [path] }, observation) => {
  if (!path) return [''];
  const written = valueOf(path, observation);
  return written === undefined ? [] : [textOf(written)];
};

const keys: Paths = ({ args }, observation) => {
  const values = args.map((arg) => valueOf(arg, observation));
  return values.includes(undefined) ? [] : [values.map((value) => textOf(value ?? null)).join('.')];
};

const listed = (values: readonly (JsonValue | undefined)[]): readonly string[] =>
  values.flat().flatMap((value) => (value === undefined ? [] : [textOf(value)]));

const pathsOf: ReadonlyMap<string, Paths> = new Map<string, Paths>([
  ['var', firstAsPath],
  ['val', keys],
  ['exists', keys],
  ['missing', ({ args }, observation) => listed(args.map((arg) => valueOf(arg, observation)))],
  ['missing_some', ({ args }, observation) => listed(args.slice(1).map((arg) => valueOf(arg, observation)))],
  ['field form field', firstAsPath],
  ['field form exists', firstAsPath],
  ['field form is_empty', firstAsPath],
]);

/** `val` may begin above its own element, so what it gave is what it read. */
const isLifted = ({ name, args: [first] }: Operation): boolean =>
  name === 'val' && first?.kind === 'literal' && Array.isArray(first.value);

function valueOf(expression: Expression, observation: Observation): JsonValue | undefined {
  if (expression.kind === 'literal') return expression.value;
  if (expression.kind === 'operation') return observation.nodes.get(expression.node)?.value;
  const items = expression.items.map((item) => valueOf(item, observation));
  return items.includes(undefined) ? undefined : (items as JsonValue[]);
}
