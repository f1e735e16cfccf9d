import type { JsonObject } from '../../kernel/json.js';
import type { Trigger } from './definition.js';

/** The form of the name of an event type. */
export const EVENT_TYPE_SCHEMA = {
  type: 'string',
  pattern: '^[a-z][a-z0-9-]*(\\.[a-z][a-z0-9-]*)+$',
  maxLength: 255,
};

const trigger = (required: readonly string[], properties: JsonObject): JsonObject => ({
  type: 'object',
  required,
  additionalProperties: false,
  properties: { type: {}, ...properties },
});

/** JSON Schema of each trigger. */
export const TRIGGER_SCHEMAS: Readonly<Record<Trigger['type'], JsonObject>> = {
  manual: trigger([], {}),
  event: trigger(['eventType'], { eventType: EVENT_TYPE_SCHEMA, filter: {} }),
  schedule: trigger(['cron'], {
    cron: { type: 'string', minLength: 1, maxLength: 255 },
    timeZone: { type: 'string', maxLength: 100 },
    missed: { enum: ['skip', 'once', 'all'] },
    variables: { type: 'object' },
  }),
  webhook: trigger([], {}),
};
