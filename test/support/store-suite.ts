import type { HeldStep } from '../../src/workflows/executions/execution-snapshot.js';
import type { Applied, StepStore } from '../../src/workflows/executions/execution-store.js';
import type { TransitionChange } from '../../src/workflows/executions/transition-change.js';
import { type Begun, type SeenRun, type StoreScene, transition } from './store-scene.js';

/** What the contract's tests have in common. */
export class StoreSuite {
  constructor(
    /** The scene, once it is open. */
    readonly scene: () => StoreScene,
  ) {}

  /** An execution, of a workflow of its own when none is given, whose first run waits. */
  readonly startWith = async (run: Begun, workflowId?: string): Promise<{ executionId: string; id: string }> => {
    const workflow = workflowId ?? (await this.scene().workflow());
    const executionId = await this.scene().start(workflow, transition({ begun: [run] }));
    return { executionId, id: run.id };
  };

  /** Takes a run. @throws Error when it is not to be had */
  readonly claimed = async (store: StepStore, id: string): Promise<HeldStep> => {
    const claim = await store.claim(this.scene().organizationId, id);
    if (claim?.outcome !== 'claimed') throw new Error(`It was not taken but ${claim?.outcome ?? 'left alone'}.`);
    return claim.held;
  };

  /** What becomes of an attempt to take a run. */
  readonly outcome = async (store: StepStore, id: string): Promise<string | undefined> =>
    (await store.claim(this.scene().organizationId, id))?.outcome;

  /** Writes a transition of a held step that says nothing but this. */
  readonly apply = (store: StepStore, held: HeldStep, change: Partial<TransitionChange> = {}): Promise<Applied> =>
    store.apply({ held, change: transition(change), events: [], activeMs: 0 });

  readonly runOf = async (executionId: string, stepId: string): Promise<SeenRun | undefined> =>
    (await this.scene().runs(executionId)).find((run) => run.stepId === stepId);
}
