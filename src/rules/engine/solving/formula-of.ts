import type { JsonValue } from '../../../kernel/json.js';
import { compileExpression } from '../compile-expression.js';
import type { Expression, Operation } from '../expression.js';
import { factSource } from '../facts.js';
import { parsePath } from '../paths.js';
import type { Path } from '../paths.js';
import { isTruthy, textOf } from '../values.js';
import { askedPathOf, decidableAtom, readPathOf } from './atoms.js';
import { constant, Outcome } from './formula.js';
import type { Atom, Formula } from './formula.js';
import { noUses } from './uses.js';

/** Operators whose arguments behind the first see other data than the context. */
const CONTEXT_CHANGING = new Set(['map', 'filter', 'reduce', 'all', 'some', 'none', 'try']);

const connectives: ReadonlyMap<string, 'all' | 'any' | 'choice'> = new Map([
  ['and', 'all'],
  ['or', 'any'],
  ['if', 'choice'],
  ['?:', 'choice'],
] as const);

const never: Formula = { kind: 'constant', outcome: Outcome.Error };

/** The skeleton of a condition, of which only the truth of its result counts. */
export function formulaOf(expression: Expression): Formula {
  if (expression.kind === 'literal') return constant(isTruthy(expression.value));
  if (expression.kind === 'list') return opaque(expression);
  const connective = connectives.get(expression.name);
  if (connective) return connect(connective, expression);
  if (expression.name === '!' || expression.name === '!!') return negate(expression);
  return missing(expression) ?? atomic(decidableAtom(expression)) ?? opaque(expression);
}

function connect(kind: 'all' | 'any' | 'choice', { args, isList }: Operation): Formula {
  if (!isList) return never;
  if (args.length === 0) return constant(false);
  const parts = args.map(formulaOf);
  return { kind, parts };
}

function negate({ name, args: [argument] }: Operation): Formula {
  const isInverse = name === '!';
  if (!argument) return constant(isInverse);
  const part = formulaOf(argument);
  return isInverse ? { kind: 'not', part } : part;
}

const atomic = (atom: Atom | undefined): Formula | undefined => atom && { kind: 'atom', atom };

/** `missing` is true when one of its paths is missing, so each path is a question of its own. */
function missing(operation: Operation): Formula | undefined {
  const paths = operation.name === 'missing' ? writtenPaths(operation) : undefined;
  if (!paths) return undefined;
  const parts = paths.map((path): Formula => {
    const question: Operation = { ...operation, args: [{ kind: 'literal', value: path }], isList: true };
    return {
      kind: 'atom',
      atom: {
        paths: [parsePath(textOf(path))],
        evaluate: compileExpression(question, new Map()),
        readsClock: false,
        uses: noUses,
      },
    };
  });
  return parts.length === 0 ? constant(false) : { kind: 'any', parts };
}

function writtenPaths({ args }: Operation): readonly JsonValue[] | undefined {
  const values = args.flatMap((argument) => (argument.kind === 'literal' ? [argument.value] : []));
  if (values.length < args.length) return undefined;
  const [first] = values;
  const paths = Array.isArray(first) ? (first as readonly JsonValue[]) : values;
  const isPlain = paths.every((path) => (typeof path === 'string' || typeof path === 'number') && path !== '');
  return isPlain ? paths : undefined;
}

/** What the solver cannot take apart: it can only try values at the paths that it reads. */
function opaque(expression: Expression): Formula {
  const everything = partsOf(expression, () => true);
  const inContext = partsOf(expression, ({ name }) => !CONTEXT_CHANGING.has(name));
  const literals = everything.flatMap(literalsOf);
  const paths = new Map(inContext.flatMap(pathsRead).map((path) => [path.join('\0'), path]));
  const isKnown = !everything.some(callsFunction) && !everything.some(computesPath) && !inContext.some(readsWhole);
  const atom: Atom = {
    paths: [...paths.values()],
    readsClock: everything.some((part) => part.kind === 'operation' && part.name === 'now'),
    uses: { ...noUses, ordered: literals, equal: literals, isOpaque: true },
    ...(isKnown && { evaluate: compileExpression(expression, new Map()) }),
  };
  return { kind: 'atom', atom };
}

/** An expression and what stands in it; of operations that are not entered only the first argument. */
function partsOf(expression: Expression, isEntered: (operation: Operation) => boolean): readonly Expression[] {
  if (expression.kind === 'literal') return [expression];
  const below = expression.kind === 'list' ? expression.items : expression.args;
  const isWhole = expression.kind === 'list' || isEntered(expression);
  return [expression, ...(isWhole ? below : below.slice(0, 1)).flatMap((part) => partsOf(part, isEntered))];
}

const callsFunction = (part: Expression): boolean => part.kind === 'operation' && part.name === 'fn';

const READING = new Set(['var', 'val', 'exists', 'missing', 'missing_some', 'field', 'is_empty']);

const isReading = (part: Expression): part is Operation => part.kind === 'operation' && READING.has(part.name);

/** Reads a path that is not written, or one outside of the iterator that it stands in. */
const computesPath = (part: Expression): boolean =>
  isReading(part) && part.args.slice(0, part.name === 'var' ? 1 : Infinity).some(isNotWritten);

const isNotWritten = (argument: Expression, i: number): boolean =>
  argument.kind !== 'literal' || (Array.isArray(argument.value) && i === 0);

const readsWhole = (part: Expression): boolean =>
  isReading(part) && part.name !== 'missing_some' && pathsRead(part).length === 0;

function pathsRead(expression: Expression): readonly Path[] {
  if (expression.kind !== 'operation') return [];
  const { name, args } = expression;
  const path = readPathOf(name === 'var' ? { ...expression, args: args.slice(0, 1) } : expression);
  if (path) return [path];
  if (name === 'missing') return (writtenPaths(expression) ?? []).map(asPath);
  if (name === 'missing_some') return args.slice(1).flatMap(literalsOf).flatMap(pathsWrittenAs);
  const asked = askedPathOf(expression);
  return asked ? [asked] : [];
}

const pathsWrittenAs = (value: JsonValue): readonly Path[] =>
  typeof value === 'string' && value !== '' ? [asPath(value)] : [];

const asPath = (path: JsonValue): Path => parsePath(textOf(path));

function literalsOf(expression: Expression): readonly JsonValue[] {
  if (expression.kind !== 'literal') return [];
  const { value } = expression;
  return Array.isArray(value) ? [value, ...(value as readonly JsonValue[])] : [value];
}

/** Whether a path is read from the facts. */
export const isFactPath = (path: Path): boolean => factSource(path[0]) !== undefined;
