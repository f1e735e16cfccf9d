import { sleep, type Timers } from '../../kernel/timers.js';
import type { Logger } from '../../platform/logging/logger.js';
import type { Queues } from '../../platform/queue/queues.js';
import type { Advance } from '../engine/outcome.js';
import { transitionEvents } from './execution-events.js';
import type { ExecutionLine, ExecutionLines } from './execution-lines.js';
import type { ExecutionMetrics } from './execution-metrics.js';
import type { ExecutionSnapshot, HeldStep } from './execution-snapshot.js';
import type { Applied, StepStore } from './execution-store.js';
import type { StepActions } from './step-actions.js';
import { keepingLease } from './step-lease.js';
import { presentOf, transitionOf, type StepEnd } from './step-end.js';
import { jobOf, wakeRuns, wakeTransition } from './step-jobs.js';
import { isSame } from './step-run-keys.js';
import { changeOf, type TransitionChange } from './transition-change.js';

/** Workers of other processes that move the same execution on are given way to, for up to so long. */
const GIVE_WAY_MS = 20;

/** A step that ended, and how long it ran in milliseconds. */
export interface EndedStep extends StepEnd {
  readonly activeMs: number;
}

export interface StepTransitionsDependencies {
  readonly store: StepStore;
  readonly actions: Pick<StepActions, 'find'>;
  readonly queues: Pick<Queues, 'wake'>;
  readonly logger: Pick<Logger, 'warn'>;
  readonly metrics: Pick<ExecutionMetrics, 'transition' | 'lateWriteRefused'>;
  readonly lines: ExecutionLines;
  readonly timers: Timers;
  /** A fraction from 0 up to 1, another one each time. */
  readonly chance: () => number;
}

/** A transition that was written. */
interface Written {
  readonly held: HeldStep;
  readonly change: TransitionChange;
  readonly applied: Applied;
}

/** Writes what follows from the end of a step. */
export class StepTransitions {
  constructor(private readonly dependencies: StepTransitionsDependencies) {}

  /**
   * Writes what follows, and hints at what it leaves to others.
   * @param goesOn whether this worker may take a run that begins
   * @returns the run that was taken with it; undefined when there is none, or when the lease was lost
   */
  finish(ended: EndedStep, goesOn: boolean): Promise<HeldStep | undefined> {
    const { id } = ended.held.execution;
    return this.dependencies.lines.within(id, async (line) => {
      // Its turn may come late; until then nobody else is to do the step again.
      const written = await keepingLease(this.dependencies, ended.held, () =>
        line.inTurn(() => this.write(ended, goesOn, line)),
      );
      return written && this.goOn(ended, written);
    });
  }

  /** Somebody else may move the execution on meanwhile: the same end is then applied to what it is by now. */
  private async write(ended: EndedStep, goesOn: boolean, line: ExecutionLine): Promise<Written | undefined> {
    const { chance, store, timers } = this.dependencies;
    let held: HeldStep | undefined = newest(ended.held, line);
    while (held) {
      const advanced = transitionOf({ ...ended, held }, timers.elapsedMs());
      if (advanced.ignored) break;
      const written = await this.attempt({ ...ended, held }, advanced, goesOn);
      if (written.applied.isApplied) {
        line.latest = movedOn(written, ended.activeMs, timers.elapsedMs());
        return written;
      }
      await sleep(timers, chance() * GIVE_WAY_MS);
      held = await store.reload(held);
    }
    return this.refused(ended.held);
  }

  private async attempt(ended: EndedStep, advance: Advance, goesOn: boolean): Promise<Written> {
    const { held, definition, activeMs } = ended;
    const { actions, metrics, store } = this.dependencies;
    const change = changeOf({ advance, definition, actions }, goesOn ? held.queue : undefined);
    const events = transitionEvents({ ...held.execution, definition }, { advance, change, held });
    const applied = await store.apply({ held, change, events, activeMs });
    if (applied.isApplied) metrics.transition(ended, advance, held.execution.activeMs);
    return { held, change, applied };
  }

  /** Wakes whoever is to do what this worker does not, and goes on with the run that was taken. */
  private goOn({ activeMs }: EndedStep, written: Written): HeldStep | undefined {
    const { held, change, applied } = written;
    const { organizationId } = held;
    const { queues, timers } = this.dependencies;
    const again = [...change.retried, ...change.rearmed].find((run) => isSame(run, held));
    if (again && again.delayMs !== null) {
      wakeRuns(queues, [jobOf(organizationId, { ...held, delayMs: again.delayMs })]);
    }
    wakeTransition(queues, organizationId, { change, parent: applied.parent });
    const taken = change.begun.find(({ status }) => status === 'running');
    if (!taken && applied.next) wakeRuns(queues, [jobOf(organizationId, applied.next)]);
    const moved = movedOn(written, activeMs, timers.elapsedMs());
    return taken && { ...taken, organizationId, attempt: 1, fence: 1, delivered: null, ...moved };
  }

  /** Tells that a step was taken over by somebody else. */
  refused({ id, fence, stepId, execution }: HeldStep): undefined {
    this.dependencies.metrics.lateWriteRefused();
    const line = { event: 'late-write-refused', stepRunId: id, fence, stepId, executionId: execution.id };
    this.dependencies.logger.warn(line, 'The lease of a step was lost; somebody else does it.');
  }
}

/** The held step with what was left in line, when that is newer. */
function newest(held: HeldStep, { latest }: ExecutionLine): HeldStep {
  return latest && latest.execution.version > held.execution.version ? { ...held, ...latest } : held;
}

/** The execution after a transition, as its row is by then. */
function movedOn(
  { held, change }: Written,
  activeMs: number,
  elapsedMs: number,
): Pick<HeldStep, 'execution' | 'readAt'> {
  const execution: ExecutionSnapshot = {
    ...held.execution,
    status: change.status,
    state: change.state,
    version: held.execution.version + 1,
    activeMs: held.execution.activeMs + Math.round(activeMs),
    now: presentOf(held, elapsedMs),
  };
  return { execution, readAt: elapsedMs };
}
