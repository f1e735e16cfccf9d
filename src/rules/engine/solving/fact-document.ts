import { isObject } from '../../../kernel/json.js';
import type { JsonObject, JsonValue } from '../../../kernel/json.js';
import type { ConflictWitness } from '../conflict-report.js';
import type { Facts } from '../facts.js';
import { createScope } from '../scope.js';
import type { World } from './domain.js';
import { sampleObject } from './sample.js';

const text = { type: 'string' };
const factProperties: JsonObject = {
  $user: {
    type: 'object',
    properties: { id: text, role: text, permissions: { type: 'array', items: text } },
    required: ['id', 'role', 'permissions'],
    additionalProperties: false,
  },
  $entity: text,
  $entityId: text,
};

/** The context and the facts that vary as one document, so that a search can move in both. The moment is fixed. */
export function factWorld(schema: JsonObject, isValid: (context: JsonObject) => boolean, now: string): World {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const joined = { ...schema, type: 'object', properties: { ...properties, ...factProperties } };
  const sample = sampleObject(schema, schema);
  return {
    base: { ...sample, $user: { id: '', role: '', permissions: [] } },
    isBaseValid: isValid(sample),
    schema: joined,
    isValid: (document) => hasFacts(document) && isValid(witnessOf(document, now).context),
    scopeOf: (document) => {
      const { context, facts } = witnessOf(document, now);
      return createScope(context, wholeFacts(facts), 0);
    },
    isFixed: () => false,
    isClockFixed: false,
  };
}

/** A document taken apart again. */
export function witnessOf(document: JsonObject, now: string): ConflictWitness {
  const { $user, $entity, $entityId, ...context } = document as JsonObject & { readonly $user: Facts['user'] };
  return {
    context,
    facts: {
      now,
      user: $user,
      ...(typeof $entity === 'string' && { entity: $entity }),
      ...(typeof $entityId === 'string' && { entityId: $entityId }),
    },
  };
}

/** The facts of a witness with the others empty. */
export const wholeFacts = (facts: ConflictWitness['facts']): Facts => ({
  seed: '',
  arms: {},
  acknowledgments: {},
  preferences: {},
  ...facts,
});

const isText = (value: JsonValue | undefined): boolean => typeof value === 'string';

function hasFacts({ $user: user, $entity, $entityId }: JsonObject): boolean {
  if (!isObject(user) || !isText(user.id) || !isText(user.role)) return false;
  const areTexts = Array.isArray(user.permissions) && (user.permissions as readonly JsonValue[]).every(isText);
  return areTexts && [$entity, $entityId].every((value) => value === undefined || isText(value));
}
