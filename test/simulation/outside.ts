import { stepOf } from '../../src/workflows/engine/definition-index.js';
import { isFinal } from '../../src/workflows/engine/status.js';
import type { Random } from './random.js';
import type { World } from './world.js';

const LOOKS_EVERY_MS = 2_000;

/** The people and events around executions: whatever waits for one of them gets it in the end. */
export class Outside {
  private readonly meddled = new Set<string>();

  constructor(
    private readonly world: World,
    private readonly random: Random,
  ) {}

  /** Looks around every now and then. */
  start(): void {
    this.world.time.after(LOOKS_EVERY_MS, () => {
      this.bring();
      this.followLeft();
      this.start();
    });
  }

  /** Whether somebody has stopped or retried it, so that it need not end as it was meant to. */
  hasMeddledWith(executionId: string): boolean {
    return this.meddled.has(executionId);
  }

  cancel(executionId: string, compensate: boolean): void {
    this.meddled.add(executionId);
    this.world.workflows.cancel(executionId, compensate);
  }

  retry(executionId: string): void {
    this.meddled.add(executionId);
    this.world.workflows.retry(executionId);
  }

  private bring(): void {
    const { rows, workflows } = this.world;
    for (const run of [...rows.open]) {
      const { type } = stepOf(workflows.definitions.get(run.workflowId)!, run.stepId);
      const isAwaited = type === 'wait_for_event' || type === 'human_task';
      if (isAwaited && !run.delivered && this.random.isLucky(0.4)) workflows.deliver(run.id, { output: {} });
    }
  }

  /** The reaction that cancels the child of a step that was cancelled. */
  private followLeft(): void {
    const { rows, workflows } = this.world;
    for (const { id, status, parentStepRunId } of rows.executions.values()) {
      if (parentStepRunId === null || isFinal(status)) continue;
      if (rows.runs.get(parentStepRunId)?.status === 'cancelled') workflows.cancel(id, false);
    }
  }
}
