import { isObject } from '../../kernel/json.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';

const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;
const PATH = /^[\w$-]+(?:\.[\w$-]+)*$/;

/** One `{{…}}` of a value. */
export interface Placeholder {
  /** Keys and indexes that lead to the text it stands in. */
  readonly place: readonly (string | number)[];
  /** As it was written, braces included. */
  readonly text: string;
  /** The path it reads; undefined when it is malformed. */
  readonly path?: readonly string[];
}

/** Every placeholder in the texts of a value, malformed and unclosed ones too. */
export const placeholdersOf = (value: JsonValue, place: readonly (string | number)[] = []): Placeholder[] => {
  if (typeof value === 'string') return placeholdersOfText(value, place);
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item: JsonValue, index) => placeholdersOf(item, [...place, index]));
  return Object.entries(value).flatMap(([key, item]: [string, JsonValue]) => placeholdersOf(item, [...place, key]));
};

/** The value with its placeholders filled in: one that is the whole text keeps its type; what is missing is null, or '' inside a text. */
export const renderValue = (value: JsonValue, scope: JsonObject): JsonValue => {
  if (typeof value === 'string') return renderText(value, scope);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: JsonValue) => renderValue(item, scope));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, JsonValue]) => [key, renderValue(item, scope)]),
  );
};

const placeholdersOfText = (text: string, place: readonly (string | number)[]): Placeholder[] => {
  const found = [...text.matchAll(PLACEHOLDER)].map(([whole, inner = '']) => {
    const path = inner.trim();
    return { place, text: whole, path: PATH.test(path) ? path.split('.') : undefined };
  });
  return text.replace(PLACEHOLDER, ' ').includes('{{') ? [...found, { place, text }] : found;
};

const renderText = (text: string, scope: JsonObject): JsonValue => {
  const [first] = text.matchAll(PLACEHOLDER);
  if (first?.[0] === text) return read(first[1] ?? '', scope);
  return text.replace(PLACEHOLDER, (_whole, inner: string) => textOf(read(inner, scope)));
};

const read = (inner: string, scope: JsonObject): JsonValue => {
  let value: unknown = scope;
  for (const key of inner.trim().split('.')) {
    value = (isObject(value) || Array.isArray(value)) && Object.hasOwn(value, key) ? Reflect.get(value, key) : null;
  }
  return value as JsonValue;
};

const textOf = (value: JsonValue): string => {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};
