import type { JsonObject } from '../../kernel/json.js';
import type { StepType } from './steps.js';
import { EVENT_TYPE_SCHEMA } from './trigger-schemas.js';

/** The form of a step's id. */
export const STEP_ID_SCHEMA = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$' };

/** The form of a variable's name. */
export const NAME_SCHEMA = { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9_]{0,99}$' };

/** The form of what people read in lists. */
export const LABEL_SCHEMA = { type: 'string', minLength: 1, maxLength: 255 };

const duration = { type: ['number', 'string'] };
const timeZone = { type: 'string', maxLength: 100 };
const assignment = { assignee: LABEL_SCHEMA, role: LABEL_SCHEMA };

const configuration = (required: readonly string[], properties: JsonObject): JsonObject => ({
  type: 'object',
  required,
  additionalProperties: false,
  properties,
});

const businessHours = configuration(['days', 'from', 'to'], {
  days: { type: 'array', minItems: 1, maxItems: 7, items: { type: 'integer', minimum: 1, maximum: 7 } },
  from: { type: 'string', pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' },
  to: { type: 'string', pattern: '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$' },
});

/** JSON Schema of the configuration of each step type. */
export const CONFIGURATION_SCHEMAS: Readonly<Record<StepType, JsonObject>> = {
  action: configuration(['action'], { action: LABEL_SCHEMA, parameters: { type: 'object' } }),
  delay: configuration([], { duration, until: { type: 'string' }, businessHours, timeZone }),
  condition: configuration([], {
    condition: {},
    conditions: { type: 'array', minItems: 1, items: { type: 'object' } },
    when: STEP_ID_SCHEMA,
    otherwise: STEP_ID_SCHEMA,
  }),
  parallel: configuration(['join'], {
    join: { anyOf: [{ enum: ['all', 'any'] }, { type: 'integer', minimum: 1 }] },
    then: STEP_ID_SCHEMA,
  }),
  for_each: configuration(['items', 'do'], {
    items: { type: ['array', 'string'], maxItems: 1_000 },
    as: NAME_SCHEMA,
    do: STEP_ID_SCHEMA,
    concurrency: { type: 'integer', minimum: 1, maximum: 100 },
  }),
  wait_for_event: configuration(['eventType'], {
    eventType: EVENT_TYPE_SCHEMA,
    match: configuration(['field', 'equals'], {
      field: { type: 'string', pattern: '^[A-Za-z0-9_$-]+([.][A-Za-z0-9_$-]+)*$', maxLength: 255 },
      equals: {},
    }),
    filter: {},
    timeout: duration,
    onTimeout: STEP_ID_SCHEMA,
  }),
  human_task: configuration(['title'], {
    title: LABEL_SCHEMA,
    description: { type: 'string', maxLength: 10_000 },
    ...assignment,
    form: { type: 'object' },
    remindAfter: duration,
    escalateAfter: duration,
    escalateTo: configuration([], assignment),
    timeout: duration,
    onTimeout: STEP_ID_SCHEMA,
  }),
  subworkflow: configuration(['workflow'], { workflow: LABEL_SCHEMA, variables: { type: 'object' } }),
};
