import { isObject } from '../../../kernel/json.js';
import type { JsonObject, JsonValue } from '../../../kernel/json.js';
import { isSame } from '../values.js';
import { dereference, hasOnly, typesOf } from './local-schema.js';
import { sampleObject, sampleOf } from './sample.js';
import { subsetsOf } from './subsets.js';
import type { Uses } from './uses.js';

interface Collections {
  readonly values: readonly JsonValue[];
  readonly isComplete: boolean;
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);

const FILLER = 'other';
const FILLER_NUMBER = 987_654_321;
const FILLER_LIMIT = 4;

/** Lists to try: empty, those that are written, and with each choice of the members that are asked for. */
export function listsFor(root: JsonObject, uses: Uses, schema: JsonObject): Collections {
  const written = [...uses.equal, ...uses.ordered].filter(isList);
  const needles = uses.needles.filter((needle, i) => uses.needles.findIndex((other) => isSame(other, needle)) === i);
  const items = isObject(schema.items) ? dereference(root, schema.items) : {};
  const subsets = subsetsOf(needles);
  const fillers = fillersFor(root, items, [...needles, ...written.flat(1)]);
  const padded = fillers.flatMap((filler) => subsets.map((subset) => [...subset, filler]));
  const isFree = schema.minItems === undefined && schema.maxItems === undefined && schema.uniqueItems === undefined;
  return {
    values: [[], ...subsets, ...written, sampleOf(root, { ...schema, type: 'array' }), ...padded],
    isComplete: isFree && schema.items !== false && needles.length <= 6 && written.length === 0 && isPlainItem(items),
  };
}

/** Members that are not asked for, which make a list something else than what is written. */
function fillersFor(root: JsonObject, items: JsonObject, known: readonly JsonValue[]): readonly JsonValue[] {
  const samples = Array.isArray(items.enum)
    ? (items.enum as readonly JsonValue[])
    : [FILLER, sampleOf(root, items), true, FILLER_NUMBER];
  return samples.filter((sample) => !known.some((one) => isSame(one, sample))).slice(0, FILLER_LIMIT);
}

/** Whether members can be chosen freely: of some types, or out of a list. */
const isPlainItem = (items: JsonObject): boolean =>
  hasOnly(items, ['type', 'enum']) &&
  (items.enum !== undefined || !typesOf(items).isSubsetOf(new Set(['object', 'array'])));

/** Objects to try: empty, those that are written, and one of another kind. */
export function objectsFor(root: JsonObject, uses: Uses, schema: JsonObject): Collections {
  const written = [...uses.equal, ...uses.ordered, ...uses.needles].filter(isObject) as readonly JsonObject[];
  const sample = sampleObject(root, schema);
  const isPlain = hasOnly(schema, ['type', 'properties', 'required', 'additionalProperties']);
  const isAlike = !uses.asksEmptiness && written.length === 0;
  return {
    values: [sample, {}, { [FILLER]: true }, ...written],
    isComplete: hasOnly(schema, ['type']) || (isPlain && isAlike),
  };
}
