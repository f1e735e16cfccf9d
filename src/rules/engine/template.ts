import { isObject } from '../../kernel/json.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { missingPath } from './evaluation-error.js';
import type { Evaluate, Scope } from './expression.js';
import { compilePath, parsePath } from './paths.js';
import { textOf } from './values.js';

/** A compiled value; constant when no text in it holds a placeholder. */
export interface Template {
  readonly isConstant: boolean;
  /** @throws EvaluationError `missing-path` when a placeholder names a path that the context does not have. */
  readonly render: Evaluate;
}

type Piece = string | { readonly path: string };

/**
 * Compiles a JSON value whose texts may hold placeholders `{{path}}`. A text that is nothing but one placeholder
 * becomes the value itself with its type, otherwise the values are written into the text. Keys are never replaced.
 */
export function compileTemplate(value: JsonValue): Template {
  if (typeof value === 'string') return compileText(value);
  if (typeof value !== 'object' || value === null) return constant(value);
  return Array.isArray(value) ? compileList(value as readonly JsonValue[]) : compileObject(value as JsonObject);
}

/** Whether a text is one placeholder and nothing else, so that its value may have any type. */
export function isWholePlaceholder(text: string): boolean {
  const pieces = splitText(text);
  return pieces.length === 1 && typeof pieces[0] === 'object';
}

const constant = (value: JsonValue): Template => ({ isConstant: true, render: () => value });

function compileText(text: string): Template {
  const pieces = splitText(text);
  if (pieces.every((piece) => typeof piece === 'string')) return constant(text);
  const readers = pieces.map((piece) => (typeof piece === 'string' ? () => piece : placeholder(piece.path)));
  const [whole] = readers;
  if (whole && readers.length === 1) return { isConstant: false, render: whole };
  return { isConstant: false, render: (scope) => readers.map((read) => textOf(read(scope))).join('') };
}

function placeholder(path: string): (scope: Scope) => JsonValue {
  const read = compilePath(parsePath(path));
  return (scope) => {
    const value = read(scope);
    if (value === undefined) throw missingPath(path);
    return value;
  };
}

function splitText(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let position = 0;
  for (;;) {
    const open = text.indexOf('{{', position);
    const close = open < 0 ? -1 : text.indexOf('}}', open);
    if (close < 0) break;
    if (open > position) pieces.push(text.slice(position, open));
    pieces.push({ path: text.slice(open + 2, close).trim() });
    position = close + 2;
  }
  if (position < text.length) pieces.push(text.slice(position));
  return pieces;
}

function compileList(items: readonly JsonValue[]): Template {
  const parts = items.map(compileTemplate);
  if (parts.every(({ isConstant }) => isConstant)) return constant(items);
  return { isConstant: false, render: (scope) => parts.map(({ render }) => render(scope)) };
}

function compileObject(value: JsonObject): Template {
  const parts = Object.entries(value).map(([key, member]) => [key, compileTemplate(member)] as const);
  if (parts.every(([, { isConstant }]) => isConstant)) return constant(value);
  return {
    isConstant: false,
    render: (scope) => Object.fromEntries(parts.map(([key, { render }]) => [key, render(scope)])),
  };
}

/** The value at a JSON pointer (RFC 6901, not the fragment form) in a value, undefined where there is none. */
export function valueAtPointer(value: JsonValue, pointer: string): JsonValue | undefined {
  const keys = pointer.split('/').slice(1);
  return keys.reduce<JsonValue | undefined>((current, key) => {
    const member = key.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(current)) return (current as readonly JsonValue[])[Number(member)];
    return isObject(current) && Object.hasOwn(current, member) ? current[member] : undefined;
  }, value);
}

/** The paths of all placeholders in a value, in order. */
export function placeholderPaths(value: JsonValue): readonly string[] {
  if (typeof value === 'string')
    return splitText(value).flatMap((piece) => (typeof piece === 'object' ? [piece.path] : []));
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value as JsonObject).flatMap(placeholderPaths);
}
