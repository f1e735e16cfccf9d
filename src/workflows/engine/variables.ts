import type { Violation } from '../../kernel/domain-error.js';
import { isObject } from '../../kernel/json.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { variableNames } from './definition.js';
import type { VariableType, WorkflowDefinition } from './definition.js';
import { pointerOf } from './pointer.js';

/** The variables a new execution begins with, or what is wrong with those given: missing, unknown, of another type. */
export const resolveVariables = (
  definition: WorkflowDefinition,
  given: JsonObject,
): { readonly variables: JsonObject; readonly violations: readonly Violation[] } => {
  const known = variableNames(definition);
  const violations: Violation[] = [];
  for (const name of Object.keys(given)) {
    if (!known.has(name)) violations.push(fault(name, `Variable "${name}" is not declared by this workflow.`));
  }
  const resolved = new Map<string, JsonValue>([...known].map((name) => [name, own(given, name) ?? null]));
  for (const variable of definition.variables) {
    const value = own(given, variable.name) ?? variable.default ?? null;
    resolved.set(variable.name, value);
    if (value === null && variable.required) {
      violations.push(fault(variable.name, `Variable "${variable.name}" is required.`));
    } else if (value !== null && !isOfType(value, variable.type)) {
      violations.push(fault(variable.name, `Variable "${variable.name}" must be of type ${variable.type}.`));
    }
  }
  return { variables: Object.fromEntries(resolved), violations };
};

/** Whether a value fits the type that a variable declares. */
export const isOfType = (value: JsonValue, type: VariableType): boolean => {
  if (type === 'array') return Array.isArray(value);
  return type === 'object' ? isObject(value) : typeof value === type;
};

const own = (values: JsonObject, name: string): JsonValue | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined;

const fault = (name: string, message: string): Violation => ({ pointer: pointerOf(['variables', name]), message });
