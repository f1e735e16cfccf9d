import type { JsonValue } from '../../kernel/json.js';
import type { Expression, Operation } from './expression.js';
import { factSource } from './facts.js';
import { parsePath } from './paths.js';
import type { Path } from './paths.js';

/** Operators that say as much with the path on the right. */
const REVERSIBLE = new Set(['===', '!==', '==', '!=', '<', '<=', '>', '>=']);

/** A path of the context and a constant that it is compared with. */
export interface PathAndLiteral {
  readonly path: Path;
  /** The operation that reads the path. */
  readonly read: Operation;
  readonly written: JsonValue;
}

/** The two sides of an operation that compares a path with a constant, whichever stands first; undefined for others. */
export function pathAndLiteral({ name, args }: Operation): PathAndLiteral | undefined {
  const isReversed = REVERSIBLE.has(name) && args[0]?.kind === 'literal';
  const [left, right, ...others] = isReversed ? args.toReversed() : args;
  const path = left && contextPathOf(left);
  if (!path || left.kind !== 'operation' || right?.kind !== 'literal' || others.length > 0) return undefined;
  return { path, read: left, written: right.value };
}

/** The path that an expression reads from the context, undefined when it is computed or reads something else. */
export function contextPathOf(expression: Expression): Path | undefined {
  if (expression.kind !== 'operation') return undefined;
  const { name, args } = expression;
  const keys = args.map((argument) => (argument.kind === 'literal' ? argument.value : null));
  const path = name === 'val' ? keysOf(keys) : name === 'var' || name === 'field' ? dotted(keys[0]) : undefined;
  return path === undefined || factSource(path[0]) ? undefined : path;
}

const dotted = (key: JsonValue | undefined): Path | undefined => (typeof key === 'string' ? parsePath(key) : undefined);

const keysOf = (keys: readonly JsonValue[]): Path | undefined =>
  keys.every((key) => typeof key === 'string' || typeof key === 'number') ? keys.map(String) : undefined;
