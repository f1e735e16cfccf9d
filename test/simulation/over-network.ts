import type { QueuedJob } from '../../src/platform/queue/queues.js';
import { ExecutionLines } from '../../src/workflows/executions/execution-lines.js';
import type { HeldStep } from '../../src/workflows/executions/execution-snapshot.js';
import type { StepStore } from '../../src/workflows/executions/execution-store.js';
import type { StepRunnerDependencies } from '../../src/workflows/executions/step-runner.js';
import type { StepSweeperDependencies } from '../../src/workflows/executions/step-sweeper.js';
import { StepTransitions } from '../../src/workflows/executions/step-transitions.js';
import { StepWork, type StepWorkDependencies } from '../../src/workflows/executions/step-work.js';
import type { Random } from './random.js';
import type { SimulatedProcess } from './simulated-process.js';

/** The actions of a process. */
export type Actions = StepWorkDependencies['actions'] & { find: StepRunnerActions['find'] };
type StepRunnerActions = ConstructorParameters<typeof StepTransitions>[0]['actions'];

/** What every process talks to. */
export interface Servers {
  /** The store under a worker's name. */
  readonly storeOf: (worker: string) => StepStore;
  readonly swept: StepSweeperDependencies['runs'];
  readonly definitions: StepRunnerDependencies['definitions'];
  readonly actionsOf: (process: SimulatedProcess) => Actions;
  /** Starts the child of a held step and parks the step, in one transaction. */
  readonly startChild: (held: HeldStep) => void;
  readonly queues: { add(job: QueuedJob): void };
  readonly queueAwayUntil: () => number;
}

/** The servers as one process reaches them: every call takes its time, may fail, and ends with the process. */
export function overNetwork(
  process: SimulatedProcess,
  random: Random,
  servers: Servers,
): StepRunnerDependencies & StepSweeperDependencies {
  const { definitions, actionsOf, startChild, swept } = servers;
  const reached = {
    store: reachedStore(process, servers.storeOf(process.name)),
    queues: reachedQueues(process, servers),
    lines: new ExecutionLines(),
    timers: process,
  };
  const actions = actionsOf(process);
  const silent = {
    logger: { warn: () => undefined },
    metrics: { transition: () => undefined, lateWriteRefused: () => undefined },
  };
  return {
    ...reached,
    definitions,
    work: new StepWork({ actions, children: { start: (held) => process.persist(async () => startChild(held)) } }),
    transitions: new StepTransitions({ ...reached, ...silent, actions, chance: () => random.fraction() }),
    errors: { report: () => undefined },
    metrics: { found: () => undefined },
    runs: {
      due: () => process.ask(() => swept.due()),
      putOff: (runs) => process.ask(() => swept.putOff(runs)),
      expired: () => process.ask(() => swept.expired()),
    },
  };
}

const reachedStore = (process: SimulatedProcess, store: StepStore): StepStore => ({
  claim: (organizationId, stepRunId) => process.ask(() => store.claim(organizationId, stepRunId)),
  renew: (held) => process.ask(() => store.renew(held)),
  apply: (transition) => process.ask(() => store.apply(transition)),
  reload: (held) => process.ask(() => store.reload(held)),
});

function reachedQueues(process: SimulatedProcess, { queues, queueAwayUntil }: Servers) {
  const addAll = (jobs: readonly QueuedJob[]): Promise<void> =>
    process.ask(async () => jobs.forEach((job) => queues.add(job)), queueAwayUntil);
  return {
    wake: (_queue: string, jobs: readonly QueuedJob[]): void =>
      void (jobs.length > 0 && addAll(jobs).catch(() => undefined)),
    addAll: (_queue: string, jobs: readonly QueuedJob[]): Promise<void> =>
      jobs.length > 0 ? addAll(jobs) : Promise.resolve(),
  };
}
