import { newId } from '../../kernel/id.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { WorkflowDefinition } from '../engine/definition.js';
import type { Advance, FinishedStep, StepStart } from '../engine/outcome.js';
import { storedState, type OpenStepRun, type StepError } from '../engine/state.js';
import type { ExecutionStatus } from '../engine/status.js';
import type { StepActions, StepQueue } from './step-actions.js';

/** A row of `workflow_step_runs` to insert: a visit that begins, or one that has passed already. */
export interface BegunRun {
  readonly id: string;
  readonly stepId: string;
  readonly scope: string;
  readonly visit: number;
  readonly status: 'waiting' | 'running' | 'completed' | 'failed';
  readonly delayMs: number;
  readonly queue: StepQueue;
  /** Whether it counts as started now: taken at once, a delay, or passed. */
  readonly isStarted: boolean;
  readonly input: JsonValue;
  readonly output: JsonValue;
  readonly error: JsonValue;
}

/** What a transition writes besides its events. */
export interface TransitionChange {
  readonly status: ExecutionStatus;
  readonly state: JsonObject;
  /** The step that is open now; null when none is. */
  readonly currentStep: string | null;
  readonly errorMessage: string | null;
  readonly isFinal: boolean;
  readonly begun: readonly BegunRun[];
  readonly retried: readonly (OpenStepRun & { readonly delayMs: number; readonly error: JsonValue })[];
  readonly ended: readonly (Pick<BegunRun, 'stepId' | 'scope' | 'visit' | 'output' | 'error'> & {
    readonly status: 'completed' | 'failed' | 'cancelled';
  })[];
}

/** What may be taken at once instead of waiting for another job: runs of this queue. Undefined: nothing. */
export type TakenQueue = StepQueue | undefined;

/** Turns a transition of the engine into the rows that it writes. */
export function changeOf(
  { advance, definition, actions }: { advance: Advance; definition: WorkflowDefinition; actions: StepActions },
  takes: TakenQueue,
): TransitionChange {
  const { state, starts, retried, passed, finished, ended } = advance;
  const begin = (start: StepStart): BegunRun => begunRun(start, queueOf(definition, actions, start.stepId), takes);
  return {
    status: state.status,
    state: storedState(state) as unknown as JsonObject,
    currentStep: state.open[0]?.stepId ?? null,
    errorMessage: ended?.errorMessage ?? null,
    isFinal: ended !== undefined,
    begun: [...passed.map(passedRun), ...starts.map(begin)],
    retried: retried.map(({ error, ...retry }) => ({ ...retry, error: json(error) })),
    ended: finished.map(endedRun),
  };
}

/** The queue that a step's runs wait in: that of its action. */
export function queueOf(definition: WorkflowDefinition, actions: StepActions, stepId: string): StepQueue {
  const step = definition.steps.find(({ id }) => id === stepId);
  const action = step?.type === 'action' ? actions.find(step.configuration.action) : undefined;
  return action?.queue ?? 'workflow-steps';
}

function begunRun(start: StepStart, queue: StepQueue, takes: TakenQueue): BegunRun {
  const isTaken = start.delayMs === 0 && queue === takes;
  return {
    id: newId(),
    ...keyOf(start),
    status: isTaken ? 'running' : 'waiting',
    delayMs: start.delayMs ?? 0,
    queue,
    isStarted: isTaken || start.type !== 'action',
    input: start.input ?? null,
    output: null,
    error: null,
  };
}

const passedRun = ({ output, error, ...passed }: Advance['passed'][number]): BegunRun => ({
  id: newId(),
  ...keyOf(passed),
  status: error ? 'failed' : 'completed',
  delayMs: 0,
  queue: 'workflow-steps',
  isStarted: true,
  input: null,
  output,
  error: json(error),
});

const endedRun = ({ output, error, status, ...run }: FinishedStep): TransitionChange['ended'][number] => ({
  ...keyOf(run),
  status,
  // A failure stands in its own column.
  output: error ? null : output,
  error: json(error),
});

const keyOf = ({ stepId, scope, visit }: Omit<OpenStepRun, 'attempt'>) => ({ stepId, scope, visit });

const json = (error: StepError | undefined): JsonValue => (error ? { code: error.code, message: error.message } : null);
