import { isObject } from '../../../kernel/json.js';
import type { JsonObject, JsonValue } from '../../../kernel/json.js';
import type { JsonType } from '../schema-path.js';
import { isSame } from '../values.js';
import { listsFor, objectsFor } from './collections.js';
import { hasOnly, typesOf } from './local-schema.js';
import type { LocalSchema } from './local-schema.js';
import { numbersFor } from './numbers.js';
import { textsFor } from './texts.js';
import type { Uses } from './uses.js';

/** Values to try at one place. The schema's own check still has to let each stand. */
export interface Representatives {
  readonly values: readonly JsonValue[];
  /** Whether there is one of each kind between which the uses and the schema can tell. */
  readonly isComplete: boolean;
}

const UNDERSTOOD = [
  ...['type', 'enum', 'const', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minLength', 'maxLength', 'pattern', 'format', 'items', 'minItems', 'maxItems', 'uniqueItems'],
  ...['properties', 'required', 'additionalProperties'],
];

/** Values for all that is asked about one place, where the schema says so much about it. */
export function representativesFor(root: JsonObject, uses: Uses, place: LocalSchema): Representatives {
  const { keywords, isPossible, isIndependent } = place;
  if (!isPossible) return { values: [], isComplete: isIndependent };
  const listed = listedValues(keywords);
  if (listed) return { values: listed, isComplete: isIndependent && !uses.isOpaque };
  const types = typesOf(keywords);
  const parts = [...types].map((type) => valuesOf(type, root, uses, keywords));
  const isKnown = isIndependent && !uses.isOpaque && hasOnly(keywords, UNDERSTOOD);
  const values = [...parts.flatMap((part) => part.values), ...harvest(keywords)];
  return { values: distinct(values), isComplete: isKnown && parts.every((part) => part.isComplete) };
}

function listedValues({ const: fixed, enum: listed }: JsonObject): readonly JsonValue[] | undefined {
  if (fixed !== undefined) return [fixed];
  return Array.isArray(listed) ? (listed as readonly JsonValue[]) : undefined;
}

function valuesOf(type: JsonType, root: JsonObject, uses: Uses, keywords: JsonObject): Representatives {
  switch (type) {
    case 'null':
      return { values: [null], isComplete: true };
    case 'boolean':
      return { values: [true, false], isComplete: true };
    case 'number':
      return numbersFor(uses, keywords);
    case 'string':
      return textsFor(uses, keywords);
    case 'array':
      return listsFor(root, uses, keywords);
    case 'object':
      return objectsFor(root, uses, keywords);
  }
}

/** Values that a schema names somewhere, for one that is not understood. */
function harvest(schema: JsonObject): readonly JsonValue[] {
  return Object.entries(schema).flatMap(([keyword, said]): readonly JsonValue[] => {
    if (keyword === 'const' || keyword === 'default') return [said];
    if ((keyword === 'enum' || keyword === 'examples') && Array.isArray(said)) return said as readonly JsonValue[];
    if (!['anyOf', 'oneOf', 'allOf'].includes(keyword) || !Array.isArray(said)) return [];
    return (said as readonly JsonValue[]).flatMap((one) => (isObject(one) ? harvest(one) : []));
  });
}

const distinct = (values: readonly JsonValue[]): readonly JsonValue[] =>
  values.filter((value, i) =>
    typeof value === 'object' && value !== null
      ? values.findIndex((other) => isSame(other, value)) === i
      : values.indexOf(value) === i,
  );
