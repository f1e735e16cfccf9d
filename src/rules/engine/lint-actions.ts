import type { ErrorObject } from 'ajv/dist/2020.js';
import type { Violation } from '../../kernel/domain-error.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { ActionRegistry, RegisteredActionType } from './action-types.js';
import { factSource } from './facts.js';
import { pointerTo } from './json-pointer.js';
import { parsePath } from './paths.js';
import type { RuleAction } from './rule.js';
import { jsonTypeOf, schemaVerdict } from './schema-path.js';
import { isWholePlaceholder, placeholderPaths, valueAtPointer } from './template.js';

/** What an entry point says about actions. */
export interface ActionLimits {
  /** JSON Schema of the context. */
  readonly schema?: JsonObject;
  /** Paths that actions may change; every path when left out. */
  readonly changeableFields?: readonly string[];
}

/** Where actions do not fit their types or the entry point. Unknown action types are not its business. */
export function lintActions(
  actions: readonly RuleAction[],
  registry: ActionRegistry,
  limits: ActionLimits,
): readonly Violation[] {
  const assigned = new Set<string>();
  return actions.flatMap((action, i) => {
    const actionType = registry.get(action.type);
    if (!actionType) return [];
    const pointer = pointerTo('#/actions', i, 'parameters');
    const faults = lintParameters(action, actionType, pointer);
    if (faults.length > 0) return faults;
    const changes = changesOf(action, actionType);
    const fields = changes.flatMap(([path, value]) => lintChange(path, value, limits));
    const repeated = actionType.assigns
      ? changes.filter(([path]) => assigned.has(path)).map(([path]) => repeat(path))
      : [];
    if (actionType.assigns) for (const [path] of changes) assigned.add(path);
    const messages = [...fields, ...repeated, ...lintPlaceholders(action.parameters, limits.schema)];
    return messages.map((message) => ({ pointer, message }));
  });
}

function lintParameters(
  { parameters }: RuleAction,
  { check }: RegisteredActionType,
  pointer: string,
): readonly Violation[] {
  return check(parameters)
    .filter((fault) => !isLeftToPlaceholder(parameters, fault))
    .map((fault) => ({
      pointer: pointerTo(pointer, ...fault.instancePath.split('/').slice(1)),
      message: `${fault.message ?? 'is not valid'}${describe(fault)}.`,
    }));
}

const describe = ({ params }: ErrorObject): string => {
  const detail = Object.values(params as Record<string, unknown>).find((value) => typeof value === 'string');
  return detail === undefined ? '' : ` (${detail})`;
};

/** A text that is one placeholder may become a value of any type; it is checked when the rule runs. */
function isLeftToPlaceholder(parameters: JsonObject, fault: ErrorObject): boolean {
  const value = valueAtPointer(parameters, fault.instancePath);
  return typeof value === 'string' && fault.keyword !== 'pattern' && isWholePlaceholder(value);
}

/** The fields that an action changes with the written values; of an adjustment a number. */
function changesOf(
  { type, parameters }: RuleAction,
  { assigns }: RegisteredActionType,
): readonly [string, JsonValue][] {
  if (assigns) return Object.entries(assigns(parameters));
  return type === 'adjust_field' && typeof parameters.field === 'string' ? [[parameters.field, 0]] : [];
}

function lintChange(path: string, value: JsonValue, { schema, changeableFields }: ActionLimits): readonly string[] {
  if (changeableFields && !changeableFields.includes(path)) {
    return [
      `Rules of this entry point may not change "${path}"; they may change ${changeableFields.join(', ') || 'nothing'}.`,
    ];
  }
  const types = schema ? schemaVerdict(schema, parsePath(path)) : 'unknown';
  if (types === 'impossible') return [`The entry point's schema has no "${path}".`];
  const isOpen = types === 'unknown' || (typeof value === 'string' && isWholePlaceholder(value));
  if (isOpen || types.has(jsonTypeOf(value))) return [];
  return [`"${path}" is of type ${[...types].join(' or ')}, it cannot become ${JSON.stringify(value)}.`];
}

const repeat = (path: string): string => `Another action of this rule sets "${path}" already.`;

const lintPlaceholders = (parameters: JsonObject, schema: JsonObject | undefined): readonly string[] =>
  placeholderPaths(parameters)
    .map((path) => parsePath(path))
    .filter(
      (path) => path.length === 0 || (schema && !factSource(path[0]) && schemaVerdict(schema, path) === 'impossible'),
    )
    .map((path) =>
      path.length === 0 ? 'A placeholder names no path.' : `The schema has no "${path.join('.')}" for {{…}}.`,
    );
