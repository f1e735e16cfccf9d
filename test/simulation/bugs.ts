import type { StepStore } from '../../src/workflows/executions/execution-store.js';
import type { StepSweeperDependencies } from '../../src/workflows/executions/step-sweeper.js';
import type { EffectRow } from './effects.js';
import type { MemoryRows } from './memory-rows.js';

/** Servers that a bug may get its hands on. */
export interface Breakable {
  readonly rows: MemoryRows;
  readonly effects: Map<string, EffectRow>;
  readonly storeOf: (worker: string) => StepStore;
  readonly swept: StepSweeperDependencies['runs'];
}

type Plant = (servers: Breakable) => Partial<Pick<Breakable, 'storeOf' | 'swept'>>;

/** Faults that the product could have, planted here to see that the simulation finds them. */
export const BUGS = {
  /** The sweeper loses the first wake-up that it finds: no job, and never another alarm. */
  'drop-wake-up': ({ rows, swept }) => {
    let isDropped = false;
    return {
      swept: {
        ...bound(swept),
        due: async () => {
          const due = await swept.due();
          const [first] = due;
          if (isDropped || !first) return due;
          isDropped = true;
          rows.runs.get(first.id)!.alarmAt = Number.POSITIVE_INFINITY;
          return due.slice(1);
        },
      },
    };
  },
  /** A run whose worker is gone is never found. */
  'leave-the-dead': ({ swept }) => ({ swept: { ...bound(swept), expired: async () => [] } }),
  /** Whoever once had a run may write its end. */
  'no-fence': ({ rows, storeOf }) => ({
    storeOf: (worker) => {
      const store = storeOf(worker);
      return {
        ...boundStore(store),
        apply: (transition) => {
          const run = rows.runs.get(transition.held.id)!;
          return store.apply({ ...transition, held: { ...transition.held, fence: run.fence } });
        },
      };
    },
  }),
  /** A transition is written over whatever the execution has become meanwhile. */
  'no-version': ({ rows, storeOf }) => ({
    storeOf: (worker) => {
      const store = storeOf(worker);
      return {
        ...boundStore(store),
        apply: (transition) => {
          const { version } = rows.executions.get(transition.held.execution.id)!;
          const held = { ...transition.held, execution: { ...transition.held.execution, version } };
          return store.apply({ ...transition, held });
        },
      };
    },
  }),
  /** A job that comes before its time is taken at its word. */
  'early-timer': ({ rows, storeOf }) => ({
    storeOf: (worker) => {
      const store = storeOf(worker);
      return {
        ...boundStore(store),
        claim: async (organizationId, stepRunId) => {
          const run = rows.runs.get(stepRunId);
          if (run && Number.isFinite(run.dueAt)) run.dueAt = Math.min(run.dueAt, rows.now());
          return store.claim(organizationId, stepRunId);
        },
      };
    },
  }),
  /** The mark of an effect that leaves is lost with its process. */
  'forget-the-mark': ({ effects, storeOf }) => ({
    storeOf: (worker) => {
      const store = storeOf(worker);
      return {
        ...boundStore(store),
        claim: async (organizationId, stepRunId) => {
          const claim = await store.claim(organizationId, stepRunId);
          if (claim?.outcome !== 'claimed') return claim;
          const { stepId, visit, execution } = claim.held;
          const key = `${execution.id}.${stepId}.${visit}`;
          if (effects.get(key)?.status === 'sending') effects.delete(key);
          return claim;
        },
      };
    },
  }),
  /** Every run finds a place, however many executions run. */
  'no-bound': ({ rows, storeOf }) => ({
    storeOf: (worker) => {
      const store = storeOf(worker);
      return {
        ...boundStore(store),
        claim: async (organizationId, stepRunId) => {
          const workflowId = rows.runs.get(stepRunId)?.workflowId ?? '';
          const bound = rows.bounds.get(workflowId) ?? null;
          rows.bounds.set(workflowId, Number.POSITIVE_INFINITY);
          const claim = store.claim(organizationId, stepRunId);
          rows.bounds.set(workflowId, bound);
          return claim;
        },
      };
    },
  }),
  /** A child's end is not told to the step that waits for it. */
  'forget-the-parent': ({ rows, storeOf }) => ({
    storeOf: (worker) => {
      const store = storeOf(worker);
      return {
        ...boundStore(store),
        apply: async (transition) => {
          const applied = await store.apply(transition);
          if (!applied.parent) return applied;
          const never = Number.POSITIVE_INFINITY;
          Object.assign(rows.runs.get(applied.parent.id)!, { delivered: null, dueAt: never, alarmAt: never });
          return { ...applied, parent: null };
        },
      };
    },
  }),
} satisfies Record<string, Plant>;

export type Bug = keyof typeof BUGS;

export const isBug = (name: string): name is Bug => Object.hasOwn(BUGS, name);

const bound = (swept: Breakable['swept']): Breakable['swept'] => ({
  due: () => swept.due(),
  putOff: (runs) => swept.putOff(runs),
  expired: () => swept.expired(),
});

const boundStore = (store: StepStore): StepStore => ({
  claim: (organizationId, stepRunId) => store.claim(organizationId, stepRunId),
  renew: (held) => store.renew(held),
  apply: (transition) => store.apply(transition),
  reload: (held) => store.reload(held),
});
