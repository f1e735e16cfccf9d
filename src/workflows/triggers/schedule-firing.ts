import type { Unit, UnitOfWork } from '../../audit/audit.contract.js';
import { systemActor } from '../../identity/identity.contract.js';
import { DomainError } from '../../kernel/domain-error.js';
import { newId } from '../../kernel/id.js';
import type { Logger } from '../../platform/logging/logger.js';
import { Workflow } from '../definitions/workflow.js';
import type { Executions } from '../executions/executions.js';
import { dueFirings } from './due-firings.js';
import { moveOn, takeDueSchedule } from './schedule-rows.js';
import { type FiredSchedule, scheduleFired, scheduleMissed, workflowNotStarted } from './trigger.events.js';

const STREAM = 'workflow-schedule';

export interface ScheduleFiringDependencies {
  readonly unitOfWork: UnitOfWork;
  readonly executions: Executions;
  readonly logger: Logger;
}

/** Does what a schedule has to do: its executions begin and its next look is noted in one transaction. */
export class ScheduleFiring {
  constructor(private readonly dependencies: ScheduleFiringDependencies) {}

  /** Of schedulers that find the same schedule at once one does it; the others go on. */
  async fire(organizationId: string, workflowId: string): Promise<void> {
    const actor = systemActor(organizationId, { correlationId: newId() });
    await this.dependencies.unitOfWork.run(actor, async (unit) => {
      const schedule = await takeDueSchedule(unit.em, organizationId, workflowId);
      if (!schedule) return;
      const workflow = await unit.em.findOneOrFail(Workflow, { id: workflowId });
      const { firings, passedOver, nextAt } = dueFirings(schedule, schedule.dueAt, schedule.now);
      const aggregate = { id: workflowId, version: schedule.version + 1 };
      if (passedOver) unit.record(STREAM, aggregate, scheduleMissed(workflow, schedule.missed, passedOver));
      for (const scheduledAt of firings) {
        const variable = { scheduledAt: scheduledAt.toISOString(), firedAt: schedule.now.toISOString() };
        const fired = scheduleFired(workflow, variable);
        const trail = unit.as({ ...actor, correlationId: newId() });
        trail.record(STREAM, aggregate, fired);
        await this.start(trail.as({ ...trail.actor, causationId: fired.id, depth: 1 }), workflow, variable);
      }
      await moveOn(unit.em, workflow, { nextAt, lastFiredAt: firings.at(-1) });
    });
  }

  /** A workflow that cannot be started does not hold its schedule up. */
  private async start(unit: Unit, workflow: Workflow, schedule: FiredSchedule): Promise<void> {
    const { trigger } = workflow.definition;
    const variables = trigger.type === 'schedule' ? trigger.variables : {};
    try {
      const startKey = `schedule.${workflow.id}.${schedule.scheduledAt}`;
      await this.dependencies.executions.start(unit, workflow, { ...variables, schedule }, { startKey });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      unit.record('workflow', workflow, workflowNotStarted(workflow, error));
      this.dependencies.logger.warn(
        { event: 'workflow-not-started', workflowId: workflow.id, error },
        'A workflow was not started by its schedule.',
      );
    }
  }
}
