import type { JsonObject, JsonValue } from '../../../kernel/json.js';
import { coerce } from '../values.js';
import type { Uses } from './uses.js';

const LIMITS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'];

/** Numbers to try: each place where an answer may change, and one between each two and beyond the outermost. */
export interface Numbers {
  readonly values: readonly number[];
  /** Whether every kind of number that the schema lets stand is among them. */
  readonly isComplete: boolean;
}

export function numbersFor(uses: Uses, schema: JsonObject): Numbers {
  const compared = [...uses.ordered, ...uses.equal].map(coerce);
  const limits = LIMITS.map((keyword) => schema[keyword]).filter((limit) => typeof limit === 'number');
  const places = [...new Set([0, ...compared, ...limits])].filter(Number.isFinite).sort((a, b) => a - b);
  const step = stepOf(schema);
  const between = places.flatMap((place, i) => inside(place, places[i + 1], step));
  const [lowest = 0] = places;
  const values = [...places, below(lowest, step), ...between].map((value) => value + 0);
  return {
    values: [...new Set(values)].filter(Number.isFinite),
    isComplete: uses.surroundings.length === 0 && (step === 0 || Number.isInteger(step)),
  };
}

/** What numbers must be a multiple of; 0 when they need not. */
function stepOf({ type, multipleOf }: JsonObject): number {
  if (typeof multipleOf === 'number') return type === 'integer' && !Number.isInteger(multipleOf) ? 0.5 : multipleOf;
  const types: readonly JsonValue[] = Array.isArray(type) ? (type as readonly JsonValue[]) : [type ?? null];
  return types.includes('integer') && !types.includes('number') ? 1 : 0;
}

/** A number between two, preferably a plain one; behind `low` when there is no other. */
function inside(low: number, high: number | undefined, step: number): readonly number[] {
  const next = above(low, step);
  if (high === undefined || next < high) return [next];
  const middle = low / 2 + high / 2;
  return step === 0 && low < middle && middle < high ? [middle] : [];
}

function above(place: number, step: number): number {
  const unit = step || 1;
  const next = (Math.floor(place / unit) + 1) * unit;
  return next > place ? next : place + Math.abs(place);
}

const below = (place: number, step: number): number => -above(-place, step);
