import type { JsonObject } from '../../kernel/json.js';
import { sleep, type Timers } from '../../kernel/timers.js';
import type { Queues } from '../../platform/queue/queues.js';
import type { Definitions } from '../definitions/definitions.js';
import type { WorkflowDefinition } from '../engine/definition.js';
import type { ExecutionLines } from './execution-lines.js';
import type { HeldStep } from './execution-snapshot.js';
import type { Claim, StepStore } from './execution-store.js';
import { jobOf, wakeRuns } from './step-jobs.js';
import { underLease } from './step-lease.js';
import type { StepTransitions } from './step-transitions.js';
import type { StepWork, WorkDone } from './step-work.js';

const MAX_CLAIMS = 3;
/** A job that comes a little too early waits for its run; one that comes much too early leaves it to the sweeper. */
const WORTH_WAITING_MS = 1_000;

export interface StepRunnerDependencies {
  readonly store: StepStore;
  readonly definitions: Pick<Definitions, 'get'>;
  readonly work: StepWork;
  readonly transitions: StepTransitions;
  readonly lines: ExecutionLines;
  readonly queues: Pick<Queues, 'wake'>;
  readonly timers: Timers;
}

/** Does the jobs of steps: takes a run, does it, and goes on with what follows until the execution must wait. */
export class StepRunner {
  constructor(private readonly dependencies: StepRunnerDependencies) {}

  /** One job. A run that is done, or held by somebody else, is left alone. */
  async handle(data: JsonObject, signal?: AbortSignal): Promise<void> {
    const { organizationId, stepRunId } = data as { organizationId: string; stepRunId: string };
    const claimed = await this.claim(organizationId, stepRunId);
    if (!claimed) return;
    // The line is kept from step to step: what one of them leaves behind spares the others a look.
    await this.dependencies.lines.within(claimed.execution.id, async () => {
      let held: HeldStep | undefined = claimed;
      while (held) held = await this.runStep(held, signal);
    });
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
    if (claim?.next) wakeRuns(this.dependencies.queues, [jobOf(organizationId, claim.next)]);
    return claim?.outcome === 'claimed' ? claim.held : undefined;
  }

  /** Does one step and writes what follows. @returns the run that was taken with it, to go on with */
  private async runStep(held: HeldStep, signal: AbortSignal | undefined): Promise<HeldStep | undefined> {
    const { organizationId, execution } = held;
    const { definitions, timers, transitions } = this.dependencies;
    const definition = await definitions.get(organizationId, execution.workflowId, execution.definitionVersion);
    const start = timers.elapsedMs();
    const done = await this.resultOf(held, definition);
    if (done === 'lease-lost') return transitions.refused(held);
    if (done === 'parked') return undefined;
    return transitions.finish(
      { held, definition, result: done, activeMs: timers.elapsedMs() - start },
      !signal?.aborted,
    );
  }

  private async resultOf(held: HeldStep, definition: WorkflowDefinition): Promise<WorkDone | 'lease-lost'> {
    const { work } = this.dependencies;
    const result = work.resultWithoutWork(held, definition);
    if (result) return result;
    const leftMs = definition.settings.timeoutMs - held.execution.activeMs;
    if (leftMs <= 0) return { kind: 'timed-out' };
    const leased = await underLease(this.dependencies, held, leftMs, (signal) => work.do(held, definition, signal));
    if ('result' in leased) return leased.result;
    return leased.stopped === 'timed-out' ? { kind: 'timed-out' } : leased.stopped;
  }
}
