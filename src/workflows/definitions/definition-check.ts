import type { EventTypes } from '../../audit/audit.contract.js';
import { invalid, type Violation } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';
import { compileContextSchema, type ContextCheck } from '../../rules/rules.contract.js';
import type { WorkflowDraft } from '../engine/definition.js';
import { validateDefinition } from '../engine/validate.js';
import type { StepActions } from '../executions/step-actions.js';
import { checkCondition } from './conditions.js';
import { checkCron } from './cron-check.js';

/** Tells what keeps a definition from being saved: the engine's checks with this build's actions, events and conditions. */
export class DefinitionCheck {
  private readonly schemas = new WeakMap<JsonObject, ContextCheck>();

  constructor(
    private readonly actions: StepActions,
    private readonly eventTypes: EventTypes,
  ) {}

  /** Everything that is wrong, each with its place; nothing when it can be saved. */
  violations(input: JsonObject): readonly Violation[] {
    return validateDefinition(input, {
      actionTypes: (name) => this.actions.find(name),
      isEventType: (type) => this.eventTypes.has(type) && this.eventTypes.get(type).isPublished,
      checkCondition,
      checkSchema: (schema, value) => this.checkSchema(schema, value),
      checkFormSchema,
      checkCron,
    });
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

/** An author's schema is as hostile as any other input: whatever it says, its checks end soon. */
function checkFormSchema(schema: JsonObject): readonly Violation[] {
  try {
    compileContextSchema(schema);
    return [];
  } catch (error) {
    return [{ pointer: '#', message: error instanceof Error ? error.message : String(error) }];
  }
}
