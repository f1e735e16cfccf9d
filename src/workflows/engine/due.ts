import { stepOf } from './definition-index.js';
import { completeRun, failRun } from './end.js';
import { goOn } from './go-on.js';
import { runName } from './run-name.js';
import type { Notice, OpenStepRun, StepRunKey, Timer } from './state.js';
import { finish, setOutput } from './transition.js';
import type { Transition } from './transition.js';
import { delayUntil, WAIT_TIMED_OUT } from './wait.js';

/** The timer of an open visit has come. @returns false when none of it is due */
export const ring = (transition: Transition, key: StepRunKey): boolean => {
  const run = transition.open.get(runName(key));
  if (!run) return false;
  if (stepOf(transition.definition, run.stepId).type === 'delay') return completeRun(transition, run, null);
  const [timer, ...later] = run.timers ?? [];
  if (!timer || Date.parse(timer.at) > transition.environment.now.getTime()) return false;
  return timer.kind === 'timeout' ? timeOut(transition, run) : notify(transition, run, timer, later);
};

const timeOut = (transition: Transition, run: OpenStepRun): boolean => {
  const { configuration } = stepOf(transition.definition, run.stepId);
  const next = 'onTimeout' in configuration ? configuration.onTimeout : undefined;
  if (next === undefined) return failRun(transition, run, WAIT_TIMED_OUT);
  const output = { timedOut: true };
  finish(transition, run, { status: 'completed', output });
  setOutput(transition, run.scope, run.stepId, output);
  goOn(transition, run, output, next);
  return true;
};

const notify = (transition: Transition, run: OpenStepRun, timer: Notice, later: readonly Timer[]): boolean => {
  const { stepId, scope, visit } = run;
  transition.open.set(runName(run), { ...run, timers: later });
  transition.rearmed.push({
    ...{ stepId, scope, visit },
    notice: timer.kind,
    delayMs: delayUntil(later, transition.environment.now),
    ...('to' in timer && timer.to && { task: timer.to }),
  });
  return true;
};
