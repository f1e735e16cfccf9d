import { invalid, type Violation } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';
import { compileContextSchema, type ContextCheck } from '../../rules/rules.contract.js';
import type { WorkflowDraft } from '../engine/definition.js';
import { pointerOf } from '../engine/pointer.js';
import { validateDefinition } from '../engine/validate.js';
import type { StepActions } from '../executions/step-actions.js';
import { checkCondition } from './conditions.js';

/** Tells what keeps a definition from being saved: the engine's checks with this build's actions and conditions. */
export class DefinitionCheck {
  private readonly schemas = new WeakMap<JsonObject, ContextCheck>();

  constructor(private readonly actions: StepActions) {}

  /** Everything that is wrong, each with its place; nothing when it can be saved. */
  violations(input: JsonObject): readonly Violation[] {
    const violations = validateDefinition(input, {
      actionTypes: (name) => this.actions.find(name),
      checkCondition,
      checkSchema: (schema, value) => this.checkSchema(schema, value),
    });
    return violations.length > 0 ? violations : checkEventVariables(input as unknown as WorkflowDraft);
  }

  /** @throws invalid `invalid-workflow` with every violation */
  expectValid(input: JsonObject): WorkflowDraft {
    const violations = this.violations(input);
    const [first] = violations;
    if (first) throw invalid('invalid-workflow', `${first.pointer}: ${first.message}`, { violations });
    return input as unknown as WorkflowDraft;
  }

  private checkSchema(schema: JsonObject, value: unknown): Violation[] {
    let check = this.schemas.get(schema);
    if (!check) this.schemas.set(schema, (check = compileContextSchema(schema)));
    return check(value);
  }
}

/** An event brings only itself, so a variable that must be given could never be. */
function checkEventVariables({ trigger, variables = [] }: WorkflowDraft): Violation[] {
  if (trigger.type !== 'event') return [];
  return variables.flatMap(({ name, required, default: fallback }, index) =>
    required && fallback === undefined
      ? [
          {
            pointer: pointerOf(['variables', index, 'required']),
            message: `An event gives no "${name}"; give it a default, or read {{event}} instead.`,
          },
        ]
      : [],
  );
}
