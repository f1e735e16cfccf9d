import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import { DefinitionCheck } from '../definition-check.js';
import { Definitions } from '../definitions.js';
import { workflowAnswer, type WorkflowAnswer } from '../workflow-answer.js';
import { expectNameFree, insertVersion, loadWorkflow } from '../workflow-rows.js';
import type { WorkflowInput } from './create-workflow.js';
import { keepSchedule } from '../../triggers/schedule-rows.js';

/** Saves a new version of a workflow; running executions finish on theirs. */
export class ReviseWorkflow extends Command<WorkflowAnswer> {
  constructor(
    readonly actor: Actor,
    readonly workflowId: string,
    readonly input: WorkflowInput,
    /** The definition version that the caller saw. */
    readonly expectedVersion: number | undefined,
  ) {
    super();
  }
}

@CommandHandler(ReviseWorkflow)
export class ReviseWorkflowHandler implements ICommandHandler<ReviseWorkflow> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly check: DefinitionCheck,
    private readonly definitions: Definitions,
  ) {}

  /** @throws not-found, stale, invalid `invalid-workflow`, conflict `workflow-name-taken` */
  async execute({ actor, workflowId, input, expectedVersion }: ReviseWorkflow): Promise<WorkflowAnswer> {
    const authored = { isEnabled: input.enabled, definition: this.check.expectValid(input.definition) };
    return this.unitOfWork.run(actor, async (unit) => {
      const workflow = await loadWorkflow(unit.em, workflowId);
      const events = workflow.revise(authored, { userId: actor.id, now: new Date() }, expectedVersion);
      await expectNameFree(unit.em, workflow);
      await insertVersion(unit.em, workflow);
      await keepSchedule(unit.em, workflow);
      unit.record('workflow', workflow, ...events);
      return workflowAnswer(workflow, this.definitions.settings);
    });
  }
}
