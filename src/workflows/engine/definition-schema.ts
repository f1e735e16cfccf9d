import type { JsonObject } from '../../kernel/json.js';

const ONE_DAY_MS = 86_400_000;
const stepId = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$' };
const label = { type: 'string', minLength: 1, maxLength: 255 };

const onError = {
  type: 'object',
  required: ['then'],
  additionalProperties: false,
  properties: {
    then: { type: 'string' },
    goto: stepId,
    retry: {
      type: 'object',
      required: ['attempts', 'backoff', 'delayMs'],
      additionalProperties: false,
      properties: {
        attempts: { type: 'integer', minimum: 0, maximum: 100 },
        backoff: { enum: ['fixed', 'exponential'] },
        delayMs: { type: 'integer', minimum: 0, maximum: ONE_DAY_MS },
        nonRetryableCodes: { type: 'array', maxItems: 100, items: label },
      },
    },
  },
};

const step = {
  type: 'object',
  required: ['id', 'name', 'type', 'configuration'],
  additionalProperties: false,
  properties: {
    id: stepId,
    name: label,
    type: { type: 'string' },
    configuration: { type: 'object' },
    nextSteps: { type: 'array', maxItems: 100, items: stepId },
    onError,
    compensation: {},
  },
};

const variable = {
  type: 'object',
  required: ['name', 'type'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9_]{0,99}$' },
    type: { enum: ['string', 'number', 'boolean', 'object', 'array'] },
    required: { type: 'boolean' },
    default: {},
  },
};

/** JSON Schema of a workflow's form: at most 500 steps and 100 variables. What schemas cannot say, `validateDefinition` does. */
export const DEFINITION_SCHEMA: JsonObject = {
  type: 'object',
  required: ['name', 'trigger', 'steps'],
  properties: {
    name: label,
    description: { type: 'string', maxLength: 10_000 },
    trigger: { type: 'object', required: ['type'], properties: { type: { type: 'string' } } },
    variables: { type: 'array', maxItems: 100, items: variable },
    steps: { type: 'array', minItems: 1, maxItems: 500, items: step },
    settings: {
      type: 'object',
      additionalProperties: false,
      properties: {
        timeoutMs: { type: 'integer', minimum: 1, maximum: ONE_DAY_MS },
        retryAttempts: { type: 'integer', minimum: 0, maximum: 100 },
        maxConcurrentExecutions: { type: 'integer', minimum: 1, maximum: 100_000 },
      },
    },
  },
};

/** JSON Schema of each trigger there is. */
export const TRIGGER_SCHEMAS: Readonly<Record<'manual' | 'event', JsonObject>> = {
  manual: { type: 'object', additionalProperties: false, properties: { type: {} } },
  event: {
    type: 'object',
    required: ['eventType'],
    additionalProperties: false,
    properties: {
      type: {},
      eventType: { type: 'string', pattern: '^[a-z][a-z0-9-]*(\\.[a-z][a-z0-9-]*)+$', maxLength: 255 },
      filter: {},
    },
  },
};

/** JSON Schema of the configuration of each step type there is. */
export const CONFIGURATION_SCHEMAS: Readonly<Record<'action' | 'delay' | 'condition', JsonObject>> = {
  action: {
    type: 'object',
    required: ['action'],
    additionalProperties: false,
    properties: { action: label, parameters: { type: 'object' } },
  },
  delay: {
    type: 'object',
    additionalProperties: false,
    properties: { duration: { type: ['number', 'string'] }, until: { type: 'string' } },
  },
  condition: {
    type: 'object',
    additionalProperties: false,
    properties: {
      condition: {},
      conditions: { type: 'array', minItems: 1, items: { type: 'object' } },
      when: stepId,
      otherwise: stepId,
    },
  },
};
