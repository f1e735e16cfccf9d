import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { WorkflowDefinition } from '../engine/definition.js';
import type { Advance, FinishedStep, RearmedStep, StepStart } from '../engine/outcome.js';
import { storedState, type StepRunKey } from '../engine/state.js';
import type { ExecutionStatus } from '../engine/status.js';
import { begunRuns, type BegunRun, type TakenQueue } from './begun-runs.js';
import { stepOf } from '../engine/definition-index.js';
import { endedVisits } from './ended-visits.js';
import type { StepActions } from './step-actions.js';
import { describeError, isSame, keyOf } from './step-run-keys.js';

/** A run whose row says from now on that it ended. */
export interface EndedRun extends StepRunKey {
  readonly status: FinishedStep['status'];
  readonly output: JsonValue;
  readonly error: JsonValue;
  /** What becomes of the task of a person that is still open; null for other steps. */
  readonly taskStatus: 'cancelled' | 'timed_out' | null;
}

/** The task of a person, by the id of its step run. */
export interface BegunTask {
  readonly id: string;
  readonly title: string;
  readonly description: string | null;
  readonly assignee: string | null;
  readonly role: string | null;
  readonly form: JsonValue;
}

/** The place of a visit's end among those of its transition, from 0; -1 while it is open. The log goes by it. */
interface Placed {
  readonly position: number;
}

/** What a transition writes besides its events. */
export interface TransitionChange {
  readonly status: ExecutionStatus;
  readonly state: JsonObject;
  /** The step that is open now; null when none is. */
  readonly currentStep: string | null;
  readonly errorMessage: string | null;
  readonly isFinal: boolean;
  readonly begun: readonly (BegunRun & Placed)[];
  readonly tasks: readonly BegunTask[];
  readonly retried: readonly (StepRunKey & {
    readonly attempt: number;
    readonly delayMs: number;
    readonly error: JsonValue;
  })[];
  readonly rearmed: readonly (StepRunKey & {
    readonly delayMs: number | null;
    readonly notice: RearmedStep['notice'];
    readonly reassigns: boolean;
    readonly assignee: string | null;
    readonly role: string | null;
  })[];
  readonly ended: readonly (EndedRun & Placed)[];
  /** The rows that were there before; they are locked first. */
  readonly touched: readonly StepRunKey[];
}

/** Turns a transition of the engine into the rows that it writes. */
export function changeOf(
  {
    advance,
    definition,
    actions,
  }: { advance: Advance; definition: WorkflowDefinition; actions: Pick<StepActions, 'find'> },
  takes: TakenQueue,
): TransitionChange {
  const { state, starts, retried, finished, rearmed, ended } = advance;
  const begun = begunRuns({ advance, definition, actions }, takes);
  const order = endedVisits(advance);
  const placeOf = (run: StepRunKey): number => order.findIndex((visit) => isSame(visit, run));
  const earlier = finished.filter((run) => !starts.some((start) => isSame(start, run)));
  return {
    status: state.status,
    state: storedState(state) as unknown as JsonObject,
    currentStep: state.open.at(-1)?.stepId ?? null,
    errorMessage: ended?.errorMessage ?? null,
    isFinal: ended !== undefined,
    begun: begun.map((run) => ({ ...run, position: placeOf(run) })),
    tasks: starts.flatMap((start) =>
      taskOf(
        start,
        begun.find((run) => isSame(run, start)),
      ),
    ),
    retried: retried.map(({ error, ...retry }) => ({ ...retry, error: describeError(error) })),
    rearmed: rearmed.map(rearmedRun),
    ended: earlier.map((run) => ({ ...endedRun(run, definition), position: placeOf(run) })),
    touched: [...earlier, ...retried, ...rearmed].map(keyOf),
  };
}

function endedRun(run: FinishedStep, definition: WorkflowDefinition): EndedRun {
  const { output, error, status } = run;
  const isTask = stepOf(definition, run.stepId).type === 'human_task';
  return {
    ...keyOf(run),
    status,
    // A failure stands in its own column.
    output: error ? null : output,
    error: describeError(error),
    taskStatus: isTask ? (status === 'cancelled' ? 'cancelled' : 'timed_out') : null,
  };
}

const rearmedRun = ({ delayMs, notice, task, ...run }: RearmedStep): TransitionChange['rearmed'][number] => ({
  ...keyOf(run),
  delayMs,
  notice,
  reassigns: task !== undefined,
  assignee: task?.assignee ?? null,
  role: task?.role ?? null,
});

/** A task that ended with the transition that began it was never anybody's. */
function taskOf({ task }: StepStart, run: BegunRun | undefined): BegunTask[] {
  if (!task || run?.status !== 'waiting') return [];
  const { title, description = null, assignee = null, role = null, form = null } = task;
  return [{ id: run.id, title, description, assignee, role, form }];
}
