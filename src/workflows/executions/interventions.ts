import type { Unit } from '../../audit/audit.contract.js';
import { conflict, notFound } from '../../kernel/domain-error.js';
import type { DomainEvent } from '../../kernel/domain-event.js';
import type { Queues } from '../../platform/queue/queues.js';
import type { Definitions } from '../definitions/definitions.js';
import { advance } from '../engine/advance.js';
import type { Outcome } from '../engine/outcome.js';
import { isFinal } from '../engine/status.js';
import { executionRequested, transitionEvents, type ExecutedWorkflow } from './execution-events.js';
import { lockExecution, updateExecution } from './execution-rows.js';
import { stateOf, type ExecutionSnapshot } from './execution-snapshot.js';
import { deliveryToParent } from './parent-delivery.js';
import type { StepActions } from './step-actions.js';
import { environmentOf } from './step-end.js';
import { wakeTransition } from './step-jobs.js';
import { changeOf } from './transition-change.js';

export interface InterventionsDependencies {
  readonly definitions: Definitions;
  readonly actions: StepActions;
  readonly queues: Queues;
}

/** What is asked of an execution, and how that is told. */
interface Request {
  readonly outcome: Outcome;
  readonly told: (executed: ExecutedWorkflow) => DomainEvent;
}

/** What people, and cancelled parents, do to executions: within a running unit of work, at any moment. */
export class Interventions {
  constructor(private readonly dependencies: InterventionsDependencies) {}

  /**
   * Asks an execution to stop: what waits is cancelled now, what runs ends first, then compensations run if asked. One
   * that has ended, or is being stopped already, stays as it is.
   * @throws not-found
   */
  async cancel(unit: Unit, executionId: string, compensate: boolean): Promise<void> {
    const { execution, open } = await lockExecution(unit.em, unit.actor.organizationId, executionId);
    if (!execution) throw notFound('The execution', executionId);
    if (isFinal(execution.status)) return;
    const untaken = open
      .filter(({ isTaken }) => !isTaken)
      .map(({ stepId, scope, visit }) => ({ stepId, scope, visit }));
    await this.advance(unit, execution, {
      outcome: { kind: 'cancel-requested', compensate, untaken },
      told: (executed) => executionRequested('cancel', executed, { compensate }),
    });
  }

  /**
   * Lets a failed execution go on from what failed and from what was interrupted by that.
   * @throws not-found, conflict `execution-not-failed` naming the status
   */
  async retry(unit: Unit, executionId: string): Promise<void> {
    const { execution } = await lockExecution(unit.em, unit.actor.organizationId, executionId);
    if (!execution) throw notFound('The execution', executionId);
    const isRetried = await this.advance(unit, execution, {
      outcome: { kind: 'retry-requested' },
      told: (executed) => executionRequested('retry', executed),
    });
    if (isRetried) return;
    throw conflict('execution-not-failed', `The execution is ${execution.status}; only a failed one can be retried.`);
  }

  /** @returns false when the engine has no use for the request */
  private async advance(unit: Unit, execution: ExecutionSnapshot, { outcome, told }: Request): Promise<boolean> {
    const { actions, definitions, queues } = this.dependencies;
    const { organizationId } = unit.actor;
    const { id, version, workflowId, definitionVersion } = execution;
    const definition = await definitions.get(organizationId, workflowId, definitionVersion);
    const advanced = advance(definition, stateOf(execution), outcome, environmentOf(execution));
    if (advanced.ignored) return false;
    const change = changeOf({ advance: advanced, definition, actions }, undefined);
    const delivery = deliveryToParent(execution, change);
    const place = { organizationId, executionId: id, version, activeMs: 0, delivery };
    const { parent } = await updateExecution(unit.em, { ...change, ...place });
    const executed = { workflowId, definitionVersion, definition };
    const events = [told(executed), ...transitionEvents(executed, { advance: advanced, change })];
    unit.record('workflow-execution', { id, version: version + 1 }, ...events);
    unit.onCommitted(() => wakeTransition(queues, organizationId, { change, parent }));
    return true;
  }
}
