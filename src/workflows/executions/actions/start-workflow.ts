import type { UnitOfWork } from '../../../audit/audit.contract.js';
import type { JsonObject, JsonValue } from '../../../kernel/json.js';
import { expectWorkflow, type WorkflowCall } from '../child-executions.js';
import type { Executions } from '../executions.js';
import type { StepAction, StepContext } from '../step-actions.js';

/** The action `start_workflow`: starts another workflow and does not wait for it; once, however often it is tried. */
export class StartWorkflow implements StepAction {
  readonly name = 'start_workflow';
  readonly queue = 'workflow-steps';
  readonly parametersSchema: JsonObject = {
    type: 'object',
    additionalProperties: false,
    required: ['workflow'],
    properties: {
      workflow: { type: 'string', minLength: 1, maxLength: 255, description: 'Name of the workflow' },
      variables: { type: 'object' },
    },
  };

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly executions: Executions,
  ) {}

  /**
   * @returns `{executionId}`
   * @throws invalid `too-deep`, `unknown-workflow` or `invalid-variables`, conflict `workflow-disabled`
   */
  run({ actor, parameters, idempotencyKey }: StepContext): Promise<JsonValue> {
    const { workflow: name, variables = {} } = parameters as JsonObject & WorkflowCall;
    return this.unitOfWork.run(actor, async (unit) => {
      const workflow = await expectWorkflow(unit, name);
      return { executionId: await this.executions.start(unit, workflow, variables, { startKey: idempotencyKey }) };
    });
  }
}
