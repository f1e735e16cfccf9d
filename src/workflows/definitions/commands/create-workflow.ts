import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import { newId } from '../../../kernel/id.js';
import type { JsonObject } from '../../../kernel/json.js';
import type { Actor } from '../../../platform/http/actor.js';
import { DefinitionCheck } from '../definition-check.js';
import { Definitions } from '../definitions.js';
import { Workflow } from '../workflow.js';
import { workflowAnswer, type WorkflowAnswer } from '../workflow-answer.js';
import { expectNameFree, insertVersion } from '../workflow-rows.js';
import { keepSchedule } from '../../triggers/schedule-rows.js';

/** What an author sends: whether new executions may start, and the definition, not yet checked. */
export interface WorkflowInput {
  readonly enabled: boolean;
  readonly definition: JsonObject;
}

export class CreateWorkflow extends Command<WorkflowAnswer> {
  constructor(
    readonly actor: Actor,
    readonly input: WorkflowInput,
  ) {
    super();
  }
}

@CommandHandler(CreateWorkflow)
export class CreateWorkflowHandler implements ICommandHandler<CreateWorkflow> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly check: DefinitionCheck,
    private readonly definitions: Definitions,
  ) {}

  /** @throws invalid `invalid-workflow` with every violation, conflict `workflow-name-taken` */
  async execute({ actor, input }: CreateWorkflow): Promise<WorkflowAnswer> {
    const authored = { isEnabled: input.enabled, definition: this.check.expectValid(input.definition) };
    return this.unitOfWork.run(actor, async (unit) => {
      const place = { id: newId(), organizationId: actor.organizationId };
      const { workflow, events } = Workflow.create(place, authored, { userId: actor.id, now: new Date() });
      await expectNameFree(unit.em, workflow);
      unit.em.persist(workflow);
      await insertVersion(unit.em, workflow);
      await keepSchedule(unit.em, workflow);
      unit.record('workflow', workflow, ...events);
      return workflowAnswer(workflow, this.definitions.settings);
    });
  }
}
