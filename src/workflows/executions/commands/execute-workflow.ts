import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { JsonObject } from '../../../kernel/json.js';
import type { Actor } from '../../../platform/http/actor.js';
import { loadWorkflow } from '../../definitions/workflow-rows.js';
import { Executions } from '../executions.js';

/** An execution that was started. */
export interface StartedExecution {
  readonly executionId: string;
}

export class ExecuteWorkflow extends Command<StartedExecution> {
  constructor(
    readonly actor: Actor,
    readonly workflowId: string,
    readonly variables: JsonObject,
  ) {
    super();
  }
}

@CommandHandler(ExecuteWorkflow)
export class ExecuteWorkflowHandler implements ICommandHandler<ExecuteWorkflow> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly executions: Executions,
  ) {}

  /** @throws not-found, conflict `workflow-disabled`, invalid `invalid-variables` naming each */
  execute({ actor, workflowId, variables }: ExecuteWorkflow): Promise<StartedExecution> {
    return this.unitOfWork.run(actor, async (unit) => {
      const workflow = await loadWorkflow(unit.em, workflowId);
      return { executionId: await this.executions.start(unit, workflow, variables) };
    });
  }
}
