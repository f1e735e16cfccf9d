import type { StoredEvent } from '../../../audit/audit.contract.js';
import { isObject, type JsonObject, type JsonValue } from '../../../kernel/json.js';

/** What filters, matches and templates read of an event. */
export const describeEvent = ({ id, type, occurredAt, subject, actor, payload }: StoredEvent): JsonObject => ({
  id,
  type,
  occurredAt: occurredAt.toISOString(),
  subject: { type: subject.type, id: subject.id },
  actor: { type: actor.type, id: actor.id },
  payload,
});

/** What stands at a path into an event; undefined when nothing does, which no wait means. */
export function valueAt(event: JsonObject, field: string): JsonValue | undefined {
  let value: JsonValue | undefined = event;
  for (const key of field.split('.')) {
    if (!isObject(value) && !Array.isArray(value)) return undefined;
    value = Object.hasOwn(value, key) ? (Reflect.get(value, key) as JsonValue) : undefined;
  }
  return value;
}
