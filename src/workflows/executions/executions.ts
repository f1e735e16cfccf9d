import type { Unit } from '../../audit/audit.contract.js';
import { invalid, notFound } from '../../kernel/domain-error.js';
import { newId } from '../../kernel/id.js';
import type { JsonObject } from '../../kernel/json.js';
import type { Queues } from '../../platform/queue/queues.js';
import type { Definitions } from '../definitions/definitions.js';
import type { Workflow } from '../definitions/workflow.js';
import { advance } from '../engine/advance.js';
import { withDefaults } from '../engine/definition.js';
import { initialState } from '../engine/state.js';
import { isFinal } from '../engine/status.js';
import { resolveVariables } from '../engine/variables.js';
import { cancelRequested, executionStarted, transitionEvents } from './execution-events.js';
import { insertExecution, lockExecution, readNow, updateExecution } from './execution-rows.js';
import { stateOf } from './execution-snapshot.js';
import type { StepActions } from './step-actions.js';
import { jobOf, wakeRuns } from './step-jobs.js';
import { environmentOf } from './step-end.js';
import { changeOf, type TransitionChange } from './transition-change.js';

const STREAM = 'workflow-execution';

export interface ExecutionsDependencies {
  readonly definitions: Definitions;
  readonly actions: StepActions;
  readonly queues: Queues;
}

/** Starts and cancels executions within a running unit of work; the first job is hinted at once that is durable. */
export class Executions {
  constructor(private readonly dependencies: ExecutionsDependencies) {}

  /**
   * Starts an execution of the workflow's newest version.
   * @returns its id
   * @throws conflict `workflow-archived` or `workflow-disabled`, invalid `invalid-variables` naming each
   */
  async start(unit: Unit, workflow: Workflow, given: JsonObject): Promise<string> {
    workflow.expectStartable();
    const definition = withDefaults(workflow.definition, this.dependencies.definitions.settings);
    const { variables, violations } = resolveVariables(definition, given);
    const [first] = violations;
    if (first) throw invalid('invalid-variables', first.message, { violations });
    const id = newId();
    const now = await readNow(unit.em);
    const advanced = advance(definition, initialState(variables), { kind: 'started' }, environmentOf({ id, now }));
    const change = changeOf({ advance: advanced, definition, actions: this.dependencies.actions }, undefined);
    const { definitionVersion } = workflow;
    const startEvent = newId();
    const executed = { workflowId: workflow.id, definitionVersion, definition };
    await insertExecution(unit, startEvent, {
      ...change,
      workflowId: workflow.id,
      definitionVersion,
      executionId: id,
      variables,
    });
    unit.record(
      STREAM,
      { id, version: 1 },
      executionStarted(startEvent, executed),
      ...transitionEvents(executed, advanced),
    );
    this.wakeAfter(unit, change);
    return id;
  }

  /**
   * Asks an execution to stop: what waits is cancelled now, what runs ends first. One that has ended, or is being
   * cancelled already, stays as it is.
   * @throws not-found
   */
  async cancel(unit: Unit, executionId: string): Promise<void> {
    const { organizationId } = unit.actor;
    const { execution, open } = await lockExecution(unit.em, organizationId, executionId);
    if (!execution) throw notFound('The execution', executionId);
    if (isFinal(execution.status) || execution.status === 'cancelling') return;
    const { workflowId, definitionVersion } = execution;
    const definition = await this.dependencies.definitions.get(organizationId, workflowId, definitionVersion);
    const untaken = open.filter(({ isTaken }) => !isTaken);
    const request = { kind: 'cancel-requested', compensate: false, untaken } as const;
    const advanced = advance(definition, stateOf(execution), request, environmentOf(execution));
    await updateExecution(unit.em, {
      ...changeOf({ advance: advanced, definition, actions: this.dependencies.actions }, undefined),
      organizationId,
      executionId,
      version: execution.version,
      activeMs: 0,
    });
    const executed = { workflowId, definitionVersion, definition };
    const aggregate = { id: executionId, version: execution.version + 1 };
    unit.record(STREAM, aggregate, cancelRequested(executed), ...transitionEvents(executed, advanced));
  }

  private wakeAfter(unit: Unit, change: TransitionChange): void {
    const { organizationId } = unit.actor;
    const jobs = change.begun
      .filter(({ status }) => status === 'waiting')
      .map((run) => jobOf(organizationId, { ...run, fence: 0 }));
    unit.onCommitted(() => wakeRuns(this.dependencies.queues, jobs));
  }
}
