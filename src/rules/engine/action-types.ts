import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { EvaluationError } from './evaluation-error.js';
import { parsePath, readPath } from './paths.js';
import { textOf } from './values.js';

/** A kind of action. The engine only computes its parameters; its owner carries the effect out. */
export interface ActionType {
  /** `create_task`. */
  readonly type: string;
  /** JSON Schema (draft 2020-12) of the parameters, after placeholders are replaced. */
  readonly parametersSchema: JsonObject;
  /** Checks or completes the parameters against the context. Pure. @throws EvaluationError, which fails the rule. */
  readonly resolve?: (parameters: JsonObject, context: JsonValue) => JsonObject;
  /** The fields that it sets, by path. Of two rules that set one field the higher priority wins. */
  readonly assigns?: (parameters: JsonObject) => JsonObject;
}

/** An action type with its schema compiled. */
export interface RegisteredActionType extends ActionType {
  /** What is wrong with parameters; empty when nothing is. */
  readonly check: (parameters: JsonValue) => readonly ErrorObject[];
}

/** The action types that rules may use, by name. */
export type ActionRegistry = ReadonlyMap<string, RegisteredActionType>;

/** What a decision says about the request as a whole. */
export type DecisionOutcome = 'allow' | 'deny' | 'review';

// A placeholder in a field's name would go past the list of fields that rules may change.
const field = { type: 'string', minLength: 1, pattern: '^[^{}]*$' };

const parameters = (properties: JsonObject, required: readonly string[]): JsonObject => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

/** A field's number before an adjustment; missing or null counts as 0. */
function checkAdjusted(given: JsonObject, context: JsonValue): JsonObject {
  const path = textOf(given.field ?? null);
  const value = readPath(context, parsePath(path)) ?? 0;
  if (typeof value === 'number') return given;
  throw new EvaluationError('not-a-number', `adjust_field cannot add to "${path}", which holds no number.`);
}

/** The action types of the engine itself: they change fields and set the outcome. */
export const coreActionTypes: readonly ActionType[] = [
  {
    type: 'set_field',
    parametersSchema: parameters({ field, value: true }, ['field', 'value']),
    assigns: ({ field: path = null, value = null }) => ({ [textOf(path)]: value }),
  },
  {
    type: 'adjust_field',
    parametersSchema: parameters({ field, by: { type: 'number' }, min: { type: 'number' }, max: { type: 'number' } }, [
      'field',
      'by',
    ]),
    resolve: checkAdjusted,
  },
  {
    type: 'update',
    parametersSchema: parameters({ fields: { type: 'object', minProperties: 1, propertyNames: field } }, ['fields']),
    assigns: ({ fields }) => fields as JsonObject,
  },
  {
    type: 'update_status',
    parametersSchema: parameters({ status: { type: 'string', minLength: 1 } }, ['status']),
    assigns: ({ status = null }) => ({ status }),
  },
  {
    type: 'set_outcome',
    parametersSchema: parameters({ outcome: { enum: ['allow', 'deny', 'review'] }, reason: { type: 'string' } }, [
      'outcome',
    ]),
  },
];

/**
 * The engine's own action types and those that other contexts register.
 * @throws Error when two have one name or a schema cannot be compiled: a fault of the program, seen at its start.
 */
export function createActionRegistry(registered: readonly ActionType[] = []): ActionRegistry {
  const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
  const registry = new Map<string, RegisteredActionType>();
  for (const actionType of [...coreActionTypes, ...registered]) {
    if (registry.has(actionType.type)) throw new Error(`The action type ${actionType.type} is registered twice.`);
    registry.set(actionType.type, { ...actionType, check: checkWith(ajv.compile(actionType.parametersSchema)) });
  }
  return registry;
}

const checkWith =
  (validate: ValidateFunction) =>
  (value: JsonValue): readonly ErrorObject[] =>
    validate(value) ? [] : (validate.errors ?? []);
