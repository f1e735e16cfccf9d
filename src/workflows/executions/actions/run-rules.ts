import type { CommandBus } from '@nestjs/cqrs';
import type { JsonObject, JsonValue } from '../../../kernel/json.js';
import { ExecuteRules } from '../../../rules/rules.contract.js';
import type { StepAction, StepContext } from '../step-actions.js';

/**
 * The action `execute_rules`: takes a recorded decision over a context, and gives what it came to. Nothing is changed
 * by it, so a decision that is taken again after a crash is but recorded twice.
 */
export class RunRules implements StepAction {
  readonly name = 'execute_rules';
  readonly queue = 'workflow-steps';
  readonly parametersSchema: JsonObject = {
    type: 'object',
    additionalProperties: false,
    required: ['entryPoint', 'context'],
    properties: {
      entryPoint: { type: 'string', minLength: 1, maxLength: 200, description: 'Name of the entry point' },
      context: { type: 'object' },
    },
  };

  constructor(private readonly commands: CommandBus) {}

  /**
   * @returns `{executionId, status, effects}` of the decision
   * @throws not-found for an entry point that does not exist, invalid for a context that is not as its schema says
   */
  async run({ actor, parameters }: StepContext): Promise<JsonValue> {
    const { entryPoint, context } = parameters as { readonly entryPoint: string; readonly context: JsonObject };
    const request = { entryPoint, context, isDryRun: false };
    const { executionId, outcome, effects } = await this.commands.execute(new ExecuteRules(actor, request));
    return { executionId, outcome, effects } as unknown as JsonValue;
  }
}
