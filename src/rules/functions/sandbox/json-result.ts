import type { JsonObject, JsonValue } from '../../../kernel/json.js';

/** As deep as a request's body may be. */
const DEPTH_LIMIT = 64;

/** Reads what a function gave, which goes into contexts and records like anything from outside. @throws Error */
export function readResult(text: string): JsonValue {
  const value = JSON.parse(text) as JsonValue;
  assertStorable(value, 1);
  return value;
}

function assertStorable(value: JsonValue, depth: number): void {
  if (typeof value === 'string') return assertText(value);
  if (typeof value !== 'object' || value === null) return;
  if (depth > DEPTH_LIMIT) throw new Error(`its result is nested more than ${DEPTH_LIMIT} deep.`);
  for (const [key, member] of Object.entries(value as JsonObject)) {
    if (key === '__proto__') throw new Error('its result has a member __proto__.');
    assertText(key);
    assertStorable(member, depth + 1);
  }
}

function assertText(text: string): void {
  if (text.includes('\0')) throw new Error('its result holds the character U+0000.');
  if (!text.isWellFormed()) throw new Error('its result holds half of a surrogate pair.');
}
