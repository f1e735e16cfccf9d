import { unavailable } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';
import { sleep, type Timers } from '../../kernel/timers.js';
import type { Logger } from '../../platform/logging/logger.js';
import { failureOf, retryable } from '../../platform/queue/failure.js';
import type { Queues } from '../../platform/queue/queues.js';
import type { Definitions } from '../definitions/definitions.js';
import type { WorkflowDefinition } from '../engine/definition.js';
import { scopeOf } from '../engine/scope.js';
import type { StepError } from '../engine/state.js';
import type { ExecutionMetrics } from './execution-metrics.js';
import { transitionEvents } from './execution-events.js';
import { executionActor, stateOf, type ExecutionSnapshot, type HeldStep } from './execution-snapshot.js';
import type { Claim, DueRun, StepStore } from './execution-store.js';
import type { StepActions } from './step-actions.js';
import { jobOf, wakeRuns } from './step-jobs.js';
import { underLease } from './step-lease.js';
import { transitionOf, type StepEnd, type StepResult } from './step-end.js';
import { changeOf, type TransitionChange } from './transition-change.js';

const MAX_CLAIMS = 3;
const MAX_TRANSITION_ATTEMPTS = 5;
/** A job that comes a little too early waits for its run; one that comes much too early leaves it to the sweeper. */
const WORTH_WAITING_MS = 1_000;

/** So often a step may lose its worker before it is taken for what ends them. */
const MAX_TAKEOVERS = 10;

const WORKERS_LOST: StepError = {
  code: 'workers-lost',
  message: `${MAX_TAKEOVERS} workers were lost while they did this step; see their logs.`,
  retryable: false,
};

/** A step that ended, with how long it ran. */
interface EndedStep extends StepEnd {
  readonly activeMs: number;
}

export interface StepRunnerDependencies {
  readonly store: StepStore;
  readonly definitions: Pick<Definitions, 'get'>;
  readonly actions: StepActions;
  readonly queues: Pick<Queues, 'wake'>;
  readonly logger: Pick<Logger, 'warn'>;
  readonly metrics: Pick<ExecutionMetrics, 'transition'>;
  readonly timers: Timers;
}

/** Does the jobs of steps: takes a run, does it, and goes on with what follows until the execution must wait. */
export class StepRunner {
  constructor(private readonly dependencies: StepRunnerDependencies) {}

  /** One job. A run that is done, or held by somebody else, is left alone. */
  async handle(data: JsonObject, signal?: AbortSignal): Promise<void> {
    const { organizationId, stepRunId } = data as { organizationId: string; stepRunId: string };
    let held = await this.claim(organizationId, stepRunId);
    while (held) held = await this.runStep(held, signal);
  }

  private async claim(organizationId: string, stepRunId: string): Promise<HeldStep | undefined> {
    for (let attempt = 1; attempt <= MAX_CLAIMS; attempt++) {
      const claim = await this.dependencies.store.claim(organizationId, stepRunId);
      if (claim?.outcome !== 'early') return this.take(organizationId, claim);
      if (claim.waitMs > WORTH_WAITING_MS) return undefined;
      await sleep(this.dependencies.timers, Math.ceil(claim.waitMs));
    }
    return undefined;
  }

  /** Whoever finds a place free for another run sees to it that this one is woken. */
  private take(organizationId: string, claim: Exclude<Claim, { outcome: 'early' }>): HeldStep | undefined {
    if (claim?.next) this.wake(organizationId, [claim.next]);
    return claim?.outcome === 'claimed' ? claim.held : undefined;
  }

  /** Does one step and writes what follows. @returns the run that was taken with it, to go on with */
  private async runStep(held: HeldStep, signal: AbortSignal | undefined): Promise<HeldStep | undefined> {
    const { organizationId, execution } = held;
    const definition = await this.dependencies.definitions.get(
      organizationId,
      execution.workflowId,
      execution.definitionVersion,
    );
    const start = this.dependencies.timers.elapsedMs();
    const leftMs = definition.settings.timeoutMs - execution.activeMs;
    const leased =
      leftMs > 0
        ? await underLease(this.dependencies, held, leftMs, (stop) => this.work(held, definition, stop))
        : { stopped: 'timed-out' as const };
    if ('stopped' in leased && leased.stopped === 'lease-lost') return this.refused(held);
    const activeMs = this.dependencies.timers.elapsedMs() - start;
    const result = 'result' in leased ? leased.result : undefined;
    return this.finish({ held, definition, result, activeMs }, signal);
  }

  private async work(held: HeldStep, definition: WorkflowDefinition, signal: AbortSignal): Promise<StepResult> {
    const step = definition.steps.find(({ id }) => id === held.stepId);
    if (step?.type !== 'action') return { output: null };
    if (held.fence - held.attempt >= MAX_TAKEOVERS) return { error: WORKERS_LOST };
    const { organizationId, execution } = held;
    try {
      const output = await this.dependencies.actions.run(step.configuration.action, {
        actor: executionActor(organizationId, execution),
        executionId: execution.id,
        stepRunId: held.id,
        idempotencyKey: `${execution.id}.${held.stepId}.${held.visit}`,
        fence: held.fence,
        parameters: held.input as JsonObject,
        scope: scopeOf(stateOf(execution), execution.id, held.scope),
        signal,
      });
      return { output };
    } catch (error) {
      return { error: { ...failureOf(error), retryable: retryable(error) } };
    }
  }

  /** Somebody else moved the execution on meanwhile: the same outcome is then applied to what it is now. */
  private async finish(ended: EndedStep, signal: AbortSignal | undefined): Promise<HeldStep | undefined> {
    let { held } = ended;
    for (let attempt = 1; attempt <= MAX_TRANSITION_ATTEMPTS; attempt++) {
      const advanced = transitionOf({ ...ended, held });
      const { definition, activeMs } = ended;
      const { execution } = held;
      const takes = signal?.aborted ? undefined : held.queue;
      const change = changeOf({ advance: advanced, definition, actions: this.dependencies.actions }, takes);
      const events = transitionEvents({ ...execution, definition }, advanced);
      const { isApplied, next } = await this.dependencies.store.apply({ held, change, events, activeMs });
      if (isApplied) {
        this.dependencies.metrics.transition(ended, advanced, execution.activeMs);
        return this.goOn({ ...ended, held }, change, next);
      }
      const fresh = await this.dependencies.store.reload(held);
      if (!fresh) return this.refused(held);
      held = { ...held, execution: fresh };
    }
    throw unavailable(
      'execution-busy',
      `The execution ${held.execution.id} changes too fast; the step is tried again.`,
    );
  }

  /** Wakes whoever is to do what this job does not, and goes on with the run that was taken. */
  private goOn(ended: EndedStep, change: TransitionChange, next: DueRun | null): HeldStep | undefined {
    const { held, activeMs } = ended;
    const { organizationId, execution } = held;
    const waiting = change.begun.filter(({ status }) => status === 'waiting').map((run) => ({ ...run, fence: 0 }));
    const retried = change.retried.map(({ delayMs }) => ({ ...held, delayMs }));
    this.wake(organizationId, [...waiting, ...retried]);
    const taken = change.begun.find(({ status }) => status === 'running');
    if (!taken) {
      if (next) this.wake(organizationId, [next]);
      return undefined;
    }
    const state = change.state as unknown as ExecutionSnapshot['state'];
    return {
      ...taken,
      organizationId,
      attempt: 1,
      fence: 1,
      execution: {
        ...execution,
        status: change.status,
        state,
        version: execution.version + 1,
        activeMs: execution.activeMs + Math.round(activeMs),
        now: new Date(Date.parse(execution.now) + activeMs).toISOString(),
      },
    };
  }

  private refused({ id, fence, stepId, execution }: HeldStep): undefined {
    const line = { event: 'late-write-refused', stepRunId: id, fence, stepId, executionId: execution.id };
    this.dependencies.logger.warn(line, 'The lease of a step was lost; somebody else does it.');
  }

  private wake(organizationId: string, runs: readonly (DueRun & { readonly delayMs?: number })[]): void {
    wakeRuns(
      this.dependencies.queues,
      runs.map((run) => jobOf(organizationId, run)),
    );
  }
}
