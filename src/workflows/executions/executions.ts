import type { Unit } from '../../audit/audit.contract.js';
import { invalid } from '../../kernel/domain-error.js';
import { newId } from '../../kernel/id.js';
import type { JsonObject } from '../../kernel/json.js';
import type { Queues } from '../../platform/queue/queues.js';
import type { Definitions } from '../definitions/definitions.js';
import type { Workflow } from '../definitions/workflow.js';
import { advance } from '../engine/advance.js';
import { withDefaults, type WorkflowDefinition } from '../engine/definition.js';
import { initialState } from '../engine/state.js';
import { resolveVariables } from '../engine/variables.js';
import { executionStarted, transitionEvents } from './execution-events.js';
import { findStarted, insertExecution, readNow } from './execution-rows.js';
import { deliveryToParent } from './parent-delivery.js';
import type { StepActions } from './step-actions.js';
import { environmentOf } from './step-end.js';
import { wakeTransition } from './step-jobs.js';
import { changeOf } from './transition-change.js';

const STREAM = 'workflow-execution';

/** What an execution is started for, beyond its workflow. */
export interface ExecutionOrigin {
  /** Started once for each key of an organization, whoever asks how often; at most 1,000 characters. */
  readonly startKey?: string;
  /** The subworkflow step that waits for the end. */
  readonly parentStepRunId?: string;
}

export interface ExecutionsDependencies {
  readonly definitions: Definitions;
  readonly actions: StepActions;
  readonly queues: Queues;
}

/** Starts executions within a running unit of work; the first job is hinted at once that is durable. */
export class Executions {
  constructor(private readonly dependencies: ExecutionsDependencies) {}

  /**
   * Starts an execution of the workflow's newest version, unless one was started for the same key before.
   * @returns its id, or that of the one before
   * @throws conflict `workflow-archived` or `workflow-disabled`, invalid `invalid-variables` naming each
   */
  async start(unit: Unit, workflow: Workflow, given: JsonObject, origin: ExecutionOrigin = {}): Promise<string> {
    workflow.expectStartable();
    const { actions, definitions, queues } = this.dependencies;
    const definition = withDefaults(workflow.definition, definitions.settings);
    const variables = expectVariables(definition, given);
    const id = newId();
    const now = await readNow(unit.em);
    const advanced = advance(definition, initialState(variables), { kind: 'started' }, environmentOf({ id, now }));
    const change = changeOf({ advance: advanced, definition, actions }, undefined);
    const { definitionVersion, id: workflowId } = workflow;
    const { startKey = null, parentStepRunId = null } = origin;
    const startEvent = newId();
    const row = { workflowId, definitionVersion, executionId: id, variables, startKey, parentStepRunId };
    const delivery = deliveryToParent({ id, parentStepRunId }, change);
    const { isApplied, parent } = await insertExecution(unit, startEvent, { ...change, ...row, delivery });
    if (!isApplied) return findStarted(unit.em, unit.actor.organizationId, { startKey, parentStepRunId });
    const executed = { workflowId, definitionVersion, definition };
    const told = transitionEvents(executed, { advance: advanced, change });
    unit.record(STREAM, { id, version: 1 }, executionStarted(startEvent, executed), ...told);
    unit.onCommitted(() => wakeTransition(queues, unit.actor.organizationId, { change, parent }));
    return id;
  }
}

/** The variables of a new execution. @throws invalid `invalid-variables` naming each */
function expectVariables(definition: WorkflowDefinition, given: JsonObject): JsonObject {
  const { variables, violations } = resolveVariables(definition, given);
  const [first] = violations;
  if (first) throw invalid('invalid-variables', first.message, { violations });
  return variables;
}
