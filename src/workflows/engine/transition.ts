import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { ConditionForm, WorkflowDefinition } from './definition.js';
import type { FinishedStep, PassedStep, RearmedStep, RetriedStep, StepStart } from './outcome.js';
import { runName, scopesTo } from './run-name.js';
import { scopeOf } from './scope.js';
import type { Compensation, ExecutionState, GroupState, OpenStepRun, ScopeState, StepError, Task } from './state.js';
import type { ExecutionStatus } from './status.js';

/** What `advance` may know besides definition, state and outcome. */
export interface Environment {
  readonly executionId: string;
  /** The instant that durations start from, and by which timers are due. */
  readonly now: Date;
  /** Seed of the jitter between retries. */
  readonly seed: string;
  /** Whether a condition holds over the scope; may throw. It is given the step's own configuration, so it may cache by it. */
  readonly evaluate: (condition: ConditionForm, scope: JsonObject) => boolean;
}

/** The working copy of a state while one outcome is applied to it; the maps are by name of the run, group or scope. */
export interface Transition {
  readonly definition: WorkflowDefinition;
  readonly environment: Environment;
  readonly variables: JsonObject;
  status: ExecutionStatus;
  readonly outputs: Record<string, JsonValue>;
  readonly open: Map<string, OpenStepRun>;
  readonly visits: Record<string, number>;
  readonly scopes: Record<string, ScopeState>;
  readonly groups: Record<string, GroupState>;
  compensations: readonly Compensation[];
  interrupted?: readonly Task[];
  reason?: string;
  compensates?: true;
  /** What is to be done before the transition is over, first come first done. */
  readonly agenda: Task[];
  readonly starts: Map<string, StepStart>;
  readonly retried: RetriedStep[];
  readonly passed: PassedStep[];
  readonly finished: FinishedStep[];
  readonly rearmed: RearmedStep[];
  errorMessage?: string;
}

/** A working copy that shares nothing changeable with the state. */
export const beginTransition = (
  definition: WorkflowDefinition,
  state: ExecutionState,
  environment: Environment,
): Transition => ({
  ...state,
  definition,
  environment,
  outputs: { ...state.outputs },
  open: new Map(state.open.map((run) => [runName(run), run])),
  visits: { ...state.visits },
  scopes: { ...state.scopes },
  groups: { ...state.groups },
  agenda: [],
  starts: new Map(),
  retried: [],
  passed: [],
  finished: [],
  rearmed: [],
});

/** Whether steps go on to others: the execution neither ends nor is being cancelled or compensated. */
export const isForward = ({ status }: Transition): boolean => status === 'running' || status === 'waiting';

/** What templates and conditions read in a scope as it stands. */
export const valuesIn = (transition: Transition, scope: string): JsonObject =>
  scopeOf(transition, transition.environment.executionId, scope);

/** Counts a visit of a step. @returns its number, from 1 */
export const nextVisit = ({ visits }: Transition, stepId: string): number => {
  const visit = (Object.hasOwn(visits, stepId) ? (visits[stepId] ?? 0) : 0) + 1;
  visits[stepId] = visit;
  return visit;
};

/** Opens a visit. */
export const open = (transition: Transition, { type, delayMs, input, wait, task, ...run }: StepStart): void => {
  const parts = { ...(input !== undefined && { input }), ...(wait && { wait }), ...(task && { task }) };
  transition.open.set(runName(run), run);
  transition.starts.set(runName(run), { ...run, type, delayMs, ...parts });
};

/** Ends an open visit. One that began in this very transition has passed, or, cancelled, never was. */
export const finish = (
  transition: Transition,
  run: OpenStepRun,
  end: Pick<FinishedStep, 'status' | 'output' | 'error'>,
) => {
  const { stepId, scope, visit, attempt } = run;
  const key = { stepId, scope, visit };
  transition.open.delete(runName(run));
  if (!transition.starts.delete(runName(run))) {
    transition.finished.push({ ...key, attempt, ...end });
  } else if (end.status !== 'cancelled') {
    transition.passed.push({ ...key, output: end.output, ...(end.error && { error: end.error }) });
  }
};

/** Ends an open visit without an outcome. */
export const cancelRun = (transition: Transition, run: OpenStepRun): void =>
  finish(transition, run, { status: 'cancelled', output: null });

/** Writes what a step gave back, where the steps of its scope read it; no other step writes there. */
export const setOutput = (transition: Transition, scope: string, stepId: string, output: JsonValue): void => {
  const name = scopesTo(scope).findLast((candidate) => transition.scopes[candidate]?.outputs);
  const item = name === undefined ? undefined : transition.scopes[name];
  if (name === undefined || !item) transition.outputs[stepId] = output;
  else transition.scopes[name] = { ...item, outputs: { ...item.outputs, [stepId]: output } };
};

/** What a failed step gives back. */
export const outputOf = ({ code, message }: StepError): JsonValue => ({ error: { code, message } });
