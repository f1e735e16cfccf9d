import type { JsonObject, JsonValue } from '../../../kernel/json.js';
import type { Scope } from '../expression.js';
import type { CompiledAction } from '../compile-action.js';
import type { CompiledRule } from '../rule-set.js';
import { placeholderPaths } from '../template.js';

/** The name under which the outcome of a decision is compared. */
export const OUTCOME_FIELD = '$outcome';

/** The fields that actions set, each with the value of the first that does. */
export function assignedIn({ actions }: CompiledRule, scope: Scope): ReadonlyMap<string, JsonValue> {
  const assigned = new Map<string, JsonValue>();
  for (const action of actions) {
    for (const [field, value] of Object.entries(assignmentsOf(action, action.resolve(scope)))) {
      if (!assigned.has(field)) assigned.set(field, value);
    }
  }
  return assigned;
}

/** What a rule sets as far as it is written: fields with placeholders in their values have no value. */
export function writtenAssignments({ actions, definition }: CompiledRule): ReadonlyMap<string, JsonValue | undefined> {
  const written = new Map<string, JsonValue | undefined>();
  for (const [i, action] of actions.entries()) {
    const parameters = definition.actions[i]?.parameters ?? {};
    for (const [field, value] of Object.entries(assignmentsOf(action, parameters))) {
      if (!written.has(field)) written.set(field, placeholderPaths(value).length === 0 ? value : undefined);
    }
  }
  return written;
}

function assignmentsOf({ actionType }: CompiledAction, parameters: JsonObject): JsonObject {
  if (actionType.type === 'set_outcome') return { [OUTCOME_FIELD]: parameters.outcome ?? null };
  return actionType.assigns?.(parameters) ?? {};
}
