import type { QueuedJob } from '../../src/platform/queue/queues.js';
import type { StepStore } from '../../src/workflows/executions/execution-store.js';
import type { StepRunnerDependencies } from '../../src/workflows/executions/step-runner.js';
import type { StepSweeperDependencies } from '../../src/workflows/executions/step-sweeper.js';
import { StepActions, type StepAction } from '../../src/workflows/executions/step-actions.js';
import type { SimulatedProcess } from './simulated-process.js';

/** What every process talks to. */
export interface Servers {
  /** The store under a worker's name. */
  readonly storeOf: (worker: string) => StepStore;
  readonly swept: StepSweeperDependencies['runs'];
  readonly definitions: StepRunnerDependencies['definitions'];
  /** The actions of a process. */
  readonly actionsOf: (process: SimulatedProcess) => readonly StepAction[];
  readonly queues: { add(job: QueuedJob): void };
  readonly queueAwayUntil: () => number;
}

/** The servers as one process reaches them: every call takes its time, may fail, and ends with the process. */
export function overNetwork(
  process: SimulatedProcess,
  { storeOf, swept, definitions, actionsOf, queues, queueAwayUntil }: Servers,
): StepRunnerDependencies & StepSweeperDependencies {
  const store = storeOf(process.name);
  const actions = new StepActions();
  for (const action of actionsOf(process)) actions.register(action);
  const addAll = (jobs: readonly QueuedJob[]): Promise<void> =>
    process.ask(async () => jobs.forEach((job) => queues.add(job)), queueAwayUntil);
  return {
    store: {
      claim: (organizationId, stepRunId) => process.ask(() => store.claim(organizationId, stepRunId)),
      renew: (held) => process.ask(() => store.renew(held)),
      apply: (transition) => process.ask(() => store.apply(transition)),
      reload: (held) => process.ask(() => store.reload(held)),
    },
    runs: {
      due: () => process.ask(() => swept.due()),
      putOff: (runs) => process.ask(() => swept.putOff(runs)),
      expired: () => process.ask(() => swept.expired()),
    },
    definitions,
    actions,
    queues: {
      wake: (_queue, jobs) => void (jobs.length > 0 && addAll(jobs).catch(() => undefined)),
      addAll: (_queue, jobs) => (jobs.length > 0 ? addAll(jobs) : Promise.resolve()),
    },
    logger: { warn: () => undefined },
    errors: { report: () => undefined },
    metrics: { transition: () => undefined },
    timers: process,
  };
}
