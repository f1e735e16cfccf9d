import { canonicalJson } from '../../kernel/canonical-json.js';
import { isObject } from '../../kernel/json.js';
import type { JsonValue } from '../../kernel/json.js';
import { notANumber } from './evaluation-error.js';

/** JSONLogic's truth: null, false, 0, "" and [] are false, everything else is true, also "0" and {}. */
export function isTruthy(value: JsonValue): boolean {
  if (typeof value === 'boolean') return value;
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/**
 * JSONLogic's number: null is 0, true is 1, a text is read as a number, "" is 0.
 * @throws EvaluationError `not-a-number` for other text, lists and objects.
 */
export function toNumber(value: JsonValue): number {
  if (typeof value === 'number') return value;
  const number = coerce(value);
  if (Number.isNaN(number)) throw notANumber(`A number is needed here, not ${kindOf(value)}.`);
  return number;
}

/** What kind of value something is, for messages: they are recorded, so they never quote what a context holds. */
export function kindOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return { string: 'a text', number: 'a number', boolean: 'true or false', object: 'an object' }[
    typeof value as 'string' | 'number' | 'boolean' | 'object'
  ];
}

/** As toNumber, but NaN where there is no number. */
export function coerce(value: JsonValue): number {
  return typeof value === 'object' && value !== null ? Number.NaN : Number(value);
}

/** A number fit for JSON: finite, and 0 instead of -0. @throws EvaluationError `not-a-number`. */
export function finite(value: number): number {
  if (!Number.isFinite(value)) throw notANumber('The result is not a finite number.');
  return value + 0;
}

/** A value inside a text: null is nothing, a list its elements joined by commas, an object its canonical JSON. */
export function textOf(value: JsonValue): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(textOf).join(',');
  return typeof value === 'object' ? canonicalJson(value) : String(value);
}

/** Whether two JSON values are equal by content; no coercion, the order of keys does not matter. */
export function isSame(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && isSameList(a as readonly JsonValue[], b as readonly JsonValue[]);
  return isObject(b) && isSameObject(a as Record<string, JsonValue>, b);
}

const isSameList = (a: readonly JsonValue[], b: readonly JsonValue[]): boolean =>
  a.length === b.length && a.every((item, i) => isSame(item, b[i] ?? null));

function isSameObject(a: Readonly<Record<string, JsonValue>>, b: Readonly<Record<string, JsonValue>>): boolean {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && isSame(a[key] ?? null, b[key] ?? null));
}

/** Whether a value is a member of a list, by content; made once for a list that is asked often. */
export function memberOf(list: readonly JsonValue[]): (value: JsonValue) => boolean {
  if (list.some((item) => typeof item === 'object' && item !== null)) {
    return (value) => list.some((item) => isSame(item, value));
  }
  const members = new Set(list);
  return (value) => members.has(value);
}
