import type { Reaction, StoredEvent, Unit } from '../../../audit/audit.contract.js';
import type { Interventions } from '../interventions.js';

const CHILDREN = `select child.id from workflow_executions child
  join workflow_step_runs run on run.organization_id = child.organization_id and run.id = child.parent_step_run_id
  where run.organization_id = ? and run.execution_id = ? and run.step_id = ? and run.scope = ? and run.visit = ?`;

/** Cancels the execution that a step waited for when the step itself was cancelled. */
export class CancelChildrenWhenLeft implements Reaction {
  readonly name = 'cancel-children-when-subworkflow-left';
  readonly eventTypes = ['workflows.subworkflow-left'];

  constructor(private readonly interventions: Interventions) {}

  async handle(unit: Unit, events: readonly StoredEvent[]): Promise<void> {
    for (const event of events) {
      const { stepId, scope, visit } = event.payload;
      const key = [unit.actor.organizationId, executionOf(event), stepId, scope, visit];
      for (const { id } of await unit.em.execute<{ id: string }[]>(CHILDREN, key)) {
        await this.interventions.cancel(unit.on(event), id, false);
      }
    }
  }
}

/** The execution that told an event of itself. */
const executionOf = ({ stream }: StoredEvent): string => stream.slice(stream.indexOf(':') + 1);
