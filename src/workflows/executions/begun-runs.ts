import { newId } from '../../kernel/id.js';
import type { JsonValue } from '../../kernel/json.js';
import type { WorkflowDefinition } from '../engine/definition.js';
import type { Advance, FinishedStep, PassedStep, StepStart } from '../engine/outcome.js';
import type { StepRunKey } from '../engine/state.js';
import { matchKeyOf } from './deliveries/match-key.js';
import type { StepActions, StepQueue } from './step-actions.js';
import { describeError, isSame, keyOf } from './step-run-keys.js';
import { isWork, queueOf } from './step-types.js';

/** A row of `workflow_step_runs` to insert: a visit that begins, or one that has passed already. */
export interface BegunRun extends StepRunKey {
  readonly id: string;
  readonly status: 'waiting' | 'running' | 'completed' | 'failed' | 'cancelled';
  /** Until it is due; null when no timer runs. */
  readonly delayMs: number | null;
  readonly queue: StepQueue;
  /** Whether it counts as started now: taken at once, a wait, or passed. */
  readonly isStarted: boolean;
  readonly input: JsonValue;
  readonly output: JsonValue;
  readonly error: JsonValue;
  /** The event that it waits for; null for other steps. */
  readonly eventType: string | null;
  /** Path into the event; '' when every event of the type is meant. */
  readonly matchField: string | null;
  /** What must stand there, as `matchKeyOf` gives it. */
  readonly matchValue: string | null;
}

/** What may be taken at once instead of waiting for another job: a run of this queue. Undefined: nothing. */
export type TakenQueue = StepQueue | undefined;

/**
 * The rows of what begins with a transition. One of them at most is taken by the worker that goes on: the others are
 * for whoever has time.
 */
export function begunRuns(
  {
    advance,
    definition,
    actions,
  }: { advance: Advance; definition: WorkflowDefinition; actions: Pick<StepActions, 'find'> },
  takes: TakenQueue,
): BegunRun[] {
  const { starts, passed, finished } = advance;
  const endOf = (start: StepStart) => finished.find((run) => isSame(run, start));
  const queue = (start: StepStart) => queueOf(definition, actions, start.stepId);
  const taken = starts.find((start) => isReady(start) && queue(start) === takes && !endOf(start));
  const runs = starts.map((start): BegunRun => {
    const end = endOf(start);
    const run = { ...begunRun(start, queue(start)), ...(start === taken && TAKEN) };
    return end ? { ...run, ...endedAtOnce(end) } : run;
  });
  return [...passed.map(passedRun), ...runs];
}

const TAKEN = { status: 'running', isStarted: true } as const;

/** What only waits is not taken, even when its time is up at once: something may yet be delivered to it. */
const isReady = ({ type, delayMs }: StepStart): boolean => delayMs === 0 && (isWork(type) || type === 'delay');

const begunRun = (start: StepStart, queue: StepQueue): BegunRun => ({
  id: newId(),
  ...keyOf(start),
  status: 'waiting',
  delayMs: start.delayMs,
  queue,
  isStarted: !isWork(start.type),
  input: start.input ?? taskInput(start),
  output: null,
  error: null,
  eventType: start.wait?.eventType ?? null,
  matchField: start.wait ? (start.wait.matchField ?? '') : null,
  matchValue: start.wait ? matchKeyOf(start.wait.matchValue ?? '') : null,
});

/** Of a task the row keeps what it is and who has it, so that notices can tell. */
const taskInput = ({ task }: StepStart): JsonValue =>
  task ? { title: task.title, assignee: task.assignee ?? null, role: task.role ?? null } : null;

const endedAtOnce = ({ status, output, error }: FinishedStep) => ({
  status,
  isStarted: true,
  output: error ? null : output,
  error: describeError(error),
});

const passedRun = ({ output, error, ...passed }: PassedStep): BegunRun => ({
  id: newId(),
  ...keyOf(passed),
  status: error ? 'failed' : 'completed',
  delayMs: 0,
  queue: 'workflow-steps',
  isStarted: true,
  input: null,
  output,
  error: describeError(error),
  eventType: null,
  matchField: null,
  matchValue: null,
});
