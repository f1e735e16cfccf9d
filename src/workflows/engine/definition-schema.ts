import type { JsonObject } from '../../kernel/json.js';
import { LABEL_SCHEMA, NAME_SCHEMA, STEP_ID_SCHEMA } from './configuration-schemas.js';

const ONE_DAY_MS = 86_400_000;

const onError = {
  type: 'object',
  required: ['then'],
  additionalProperties: false,
  properties: {
    then: { type: 'string' },
    goto: STEP_ID_SCHEMA,
    retry: {
      type: 'object',
      required: ['attempts', 'backoff', 'delayMs'],
      additionalProperties: false,
      properties: {
        attempts: { type: 'integer', minimum: 0, maximum: 100 },
        backoff: { enum: ['fixed', 'exponential'] },
        delayMs: { type: 'integer', minimum: 0, maximum: ONE_DAY_MS },
        nonRetryableCodes: { type: 'array', maxItems: 100, items: LABEL_SCHEMA },
      },
    },
  },
};

const step = {
  type: 'object',
  required: ['id', 'name', 'type', 'configuration'],
  additionalProperties: false,
  properties: {
    id: STEP_ID_SCHEMA,
    name: LABEL_SCHEMA,
    type: { type: 'string' },
    configuration: { type: 'object' },
    nextSteps: { type: 'array', maxItems: 100, items: STEP_ID_SCHEMA },
    onError,
    compensation: STEP_ID_SCHEMA,
  },
};

const variable = {
  type: 'object',
  required: ['name', 'type'],
  additionalProperties: false,
  properties: {
    name: NAME_SCHEMA,
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
    name: LABEL_SCHEMA,
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
