import type { HeldStep } from '../../src/workflows/executions/execution-snapshot.js';
import type { StepStore, StepTransition } from '../../src/workflows/executions/execution-store.js';
import type { MemoryRows } from './memory-rows.js';
import type { StepRunKey } from '../../src/workflows/engine/state.js';

/** Names a visit over all executions. */
export const visitName = (executionId: string, { stepId, scope, visit }: StepRunKey): string =>
  `${executionId} ${stepId}${scope === '' ? '' : `@${scope}`} #${visit}`;

/** Keeps count, beside the store and without its help, of what was taken and what was written. */
export class Ledger {
  /** What was seen to be wrong. */
  readonly faults: string[] = [];
  /** How often each visit was ended. */
  readonly ends = new Map<string, number>();
  claims = 0;
  transitions = 0;
  refusals = 0;
  private readonly fences = new Map<string, number>();
  private latestAt: number;

  constructor(
    private readonly rows: MemoryRows,
    private readonly trace: (line: string) => void,
  ) {
    this.latestAt = rows.clock();
  }

  /** Whether no execution has gone on for so many milliseconds. */
  isQuietFor(milliseconds: number): boolean {
    return this.rows.clock() - this.latestAt > milliseconds;
  }

  /** The store with its answers written down under a worker's name. */
  watch(worker: string, store: StepStore): StepStore {
    return {
      claim: async (organizationId, stepRunId) => {
        const claim = await store.claim(organizationId, stepRunId);
        if (claim?.outcome === 'claimed') this.taken(worker, claim.held);
        return claim;
      },
      renew: (held) => store.renew(held),
      reload: (held) => store.reload(held),
      apply: async (transition) => {
        const answer = await store.apply(transition);
        if (answer.isApplied) this.written(worker, transition);
        else this.refused(worker, transition.held);
        return answer;
      },
    };
  }

  /** Counts the visits that a transition ends. */
  ended(executionId: string, runs: readonly StepRunKey[]): void {
    this.latestAt = this.rows.clock();
    for (const run of runs) {
      const name = visitName(executionId, run);
      this.ends.set(name, (this.ends.get(name) ?? 0) + 1);
    }
  }

  private taken(worker: string, held: HeldStep): void {
    this.claims++;
    const name = visitName(held.execution.id, held);
    const before = this.fences.get(held.id) ?? 0;
    if (held.fence <= before) this.faults.push(`${name} was taken by ${worker} with the fence ${held.fence} again`);
    this.fences.set(held.id, held.fence);
    this.checkBound(held);
    this.trace(`${worker} takes ${name}, attempt ${held.attempt}, fence ${held.fence}`);
  }

  /** Executions that run a step are never more than their workflow allows. */
  private checkBound({ execution: { workflowId } }: HeldStep): void {
    const running = [...this.rows.open].filter((run) => run.workflowId === workflowId && run.status === 'running');
    const executions = new Set(running.map(({ executionId }) => executionId));
    const bound = this.rows.bounds.get(workflowId) ?? Number.POSITIVE_INFINITY;
    if (executions.size > bound) this.faults.push(`${executions.size} executions run a step, ${bound} may`);
  }

  private written(worker: string, { held, change }: StepTransition): void {
    this.transitions++;
    const name = visitName(held.execution.id, held);
    const fence = this.fences.get(held.id) ?? 0;
    if (held.fence < fence)
      this.faults.push(`${worker} wrote ${name} late: its fence ${held.fence}, the last ${fence}`);
    for (const run of change.begun) if (run.status === 'running') this.fences.set(run.id, 1);
    this.ended(held.execution.id, change.ended);
    const begun = change.begun.map(({ stepId, scope, visit }) => `${stepId}${scope && `@${scope}`} #${visit}`);
    this.trace(`${worker} ends ${name}: ${change.status}${begun.length > 0 ? `, then ${begun.join(', ')}` : ''}`);
  }

  private refused(worker: string, held: HeldStep): void {
    this.refusals++;
    this.trace(`${worker} is refused ${visitName(held.execution.id, held)}, fence ${held.fence}`);
  }
}
