import { DomainError } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';
import { failureOf, retryable } from '../../platform/queue/failure.js';
import type { ActionStep, WorkflowDefinition } from '../engine/definition.js';
import { stepOf } from '../engine/definition-index.js';
import { scopeOf } from '../engine/scope.js';
import type { StepError } from '../engine/state.js';
import type { ChildExecutions } from './child-executions.js';
import { executionActor, stateOf, type HeldStep } from './execution-snapshot.js';
import type { StepActions } from './step-actions.js';
import { resultOf, type StepResult } from './step-end.js';
import { isCompensation, isWork } from './step-types.js';

/** So often a step may lose its worker before it is taken for what ends them. */
const MAX_TAKEOVERS = 10;

const WORKERS_LOST: StepError = {
  code: 'workers-lost',
  message: `${MAX_TAKEOVERS} workers were lost while they did this step; see their logs.`,
  retryable: false,
};

/** What doing a step came to: its result, or that it waits for a child by now and has no worker any more. */
export type WorkDone = StepResult | 'parked';

export interface StepWorkDependencies {
  readonly actions: Pick<StepActions, 'run'>;
  readonly children: Pick<ChildExecutions, 'start'>;
}

/** Does what a held step is there for. */
export class StepWork {
  constructor(private readonly dependencies: StepWorkDependencies) {}

  /** What needs no work: something was delivered, a timer came, or the execution is being stopped. */
  resultWithoutWork(held: HeldStep, definition: WorkflowDefinition): StepResult | undefined {
    if (held.delivered) return resultOf(held.delivered);
    if (!isWork(stepOf(definition, held.stepId).type)) return { kind: 'step-due' };
    if (isUnwanted(held, definition)) return { kind: 'step-skipped' };
    return takeoversOf(held) >= MAX_TAKEOVERS ? { kind: 'step-failed', error: WORKERS_LOST } : undefined;
  }

  /** Runs the action, or starts the execution that the step then waits for. Never throws. */
  async do(held: HeldStep, definition: WorkflowDefinition, signal: AbortSignal): Promise<WorkDone> {
    const step = stepOf(definition, held.stepId);
    try {
      if (step.type === 'subworkflow') {
        await this.dependencies.children.start(held);
        return 'parked';
      }
      const output = await this.act(step as ActionStep, held, signal);
      return { kind: 'step-completed', output };
    } catch (error) {
      return { kind: 'step-failed', error: { ...failureOf(error), retryable: retryable(error), ...pauseOf(error) } };
    }
  }

  private act({ configuration }: ActionStep, held: HeldStep, signal: AbortSignal) {
    const { organizationId, execution } = held;
    return this.dependencies.actions.run(configuration.action, {
      actor: executionActor(organizationId, execution),
      executionId: execution.id,
      stepRunId: held.id,
      idempotencyKey: `${execution.id}.${held.stepId}.${held.visit}`,
      fence: held.fence,
      parameters: held.input as JsonObject,
      scope: scopeOf(stateOf(execution), execution.id, held.scope),
      signal,
    });
  }
}

/** What the other side asks to be spared before the next attempt. */
function pauseOf(error: unknown): Pick<StepError, 'retryAfterMs'> {
  const seconds = error instanceof DomainError ? error.details.retryAfterSeconds : undefined;
  return typeof seconds === 'number' ? { retryAfterMs: seconds * 1000 } : {};
}

/** Each claim raises the fence, and each attempt needs one. */
const takeoversOf = ({ fence, attempt }: HeldStep): number => fence - attempt;

/** Whether nobody is to begin this any more. What a lost worker may have begun is done to its end. */
function isUnwanted(held: HeldStep, definition: WorkflowDefinition): boolean {
  if (takeoversOf(held) > 0) return false;
  const { status } = held.execution;
  return status === 'cancelling' || (status === 'compensating' && !isCompensation(definition, held.stepId));
}
