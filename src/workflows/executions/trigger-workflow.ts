import { DomainError } from '../../kernel/domain-error.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { MAX_DEPTH } from '../../audit/audit.contract.js';
import type { Application, AppliedActionType } from '../../rules/rules.contract.js';
import { findWorkflowByName } from '../definitions/workflow-rows.js';
import type { Executions } from './executions.js';

const notStarted = (reason: string, message: string): JsonObject => ({ started: false, reason, message });

/**
 * The action by which rules start a workflow, in the transaction of the decision. A workflow that cannot start does not
 * undo the decision: why not is recorded as the effect's result.
 */
export const triggerWorkflow = (executions: Executions): AppliedActionType => ({
  type: 'trigger_workflow',
  parametersSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['workflow'],
    properties: {
      workflow: { type: 'string', minLength: 1, maxLength: 255, description: 'Name of the workflow' },
      variables: { type: 'object' },
    },
  },
  apply: ({ unit, parameters }: Application) => start(executions, unit, parameters),
});

async function start(executions: Executions, unit: Application['unit'], parameters: JsonObject): Promise<JsonValue> {
  const name = parameters.workflow as string;
  if (unit.actor.depth >= MAX_DEPTH) {
    return notStarted('too-deep', `More than ${MAX_DEPTH} events lie behind this one; the chain ends here.`);
  }
  const workflow = await findWorkflowByName(unit.em, name);
  if (!workflow) return notStarted('unknown-workflow', `There is no workflow called "${name}".`);
  try {
    const variables = (parameters.variables ?? {}) as JsonObject;
    return { started: true, executionId: await executions.start(unit, workflow, variables) };
  } catch (error) {
    if (error instanceof DomainError) return notStarted(error.code, error.message);
    throw error;
  }
}
