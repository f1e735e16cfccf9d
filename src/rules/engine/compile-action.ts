import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { ActionRegistry, RegisteredActionType } from './action-types.js';
import { EvaluationError } from './evaluation-error.js';
import type { Scope } from './expression.js';
import type { RuleAction } from './rule.js';
import { compileTemplate } from './template.js';

/** An action ready to run. `resolve` throws EvaluationError. */
export interface CompiledAction {
  readonly actionType: RegisteredActionType;
  readonly resolve: (scope: Scope) => JsonObject;
  /** Given when they hold no placeholder: the parameters before the action's type completes them. */
  readonly constant: JsonObject | undefined;
}

/** Makes an action ready to run; its type must be in the registry. */
export function compileAction({ type, parameters }: RuleAction, actionTypes: ActionRegistry): CompiledAction {
  const actionType = actionTypes.get(type) as RegisteredActionType;
  const template = compileTemplate(parameters);
  const resolve = (scope: Scope): JsonObject => {
    const rendered = template.render(scope) as JsonObject;
    // Constant parameters were checked when the rule was saved.
    if (!template.isConstant) checkParameters(actionType, rendered);
    return actionType.resolve?.(rendered, scope.data) ?? rendered;
  };
  return { actionType, resolve, constant: template.isConstant ? parameters : undefined };
}

function checkParameters(actionType: RegisteredActionType, parameters: JsonValue): void {
  const [fault] = actionType.check(parameters);
  if (!fault) return;
  // What lies deeper may be named by the context.
  const [name] = fault.instancePath.slice(1).split('/');
  const message = `The parameter ${name} of ${actionType.type} ${fault.message ?? 'is wrong'}.`;
  throw new EvaluationError('invalid-parameters', message);
}
