import { isFinal } from '../../src/workflows/engine/status.js';
import { actionsOf } from './actions.js';
import { BUGS, type Bug } from './bugs.js';
import type { EffectRow } from './effects.js';
import { calm, type Sufferer } from './faults.js';
import { Ledger } from './ledger.js';
import { MemoryRows, type RunRow } from './memory-rows.js';
import { MemoryStore } from './memory-store.js';
import { MemorySweptRuns } from './memory-swept-runs.js';
import type { Servers } from './over-network.js';
import { placeOf, planned } from './plans.js';
import type { Random } from './random.js';
import { SimulatedProcess } from './simulated-process.js';
import { SimulatedQueues } from './simulated-queues.js';
import { SimulatedWorker } from './simulated-worker.js';
import { VirtualTime } from './virtual-time.js';
import { Workflows } from './workflows.js';

const EPOCH = Date.UTC(2026, 0, 5, 9);
const DEFAULT_BOUND = 100;

/** Everything that one run simulates: servers, workers, time, and the weather. */
export class World implements Sufferer {
  readonly time = new VirtualTime();
  readonly rows = new MemoryRows(() => EPOCH + this.time.now);
  readonly effects = new Map<string, EffectRow>();
  readonly sink = new Map<string, number>();
  readonly weather = calm();
  readonly ledger: Ledger;
  readonly workflows: Workflows;
  private readonly queues: SimulatedQueues;
  private readonly workers: SimulatedWorker[] = [];
  private readonly servers: Servers;

  constructor(
    private readonly random: Random,
    /** Seeds what actions come to. */
    private readonly seed: string,
    trace: (line: string) => void,
    bug: Bug | undefined,
  ) {
    this.ledger = new Ledger(this.rows, trace);
    this.queues = new SimulatedQueues(this.time, random.fork('queue'), this.weather);
    const { ledger, queues, rows } = this;
    this.workflows = new Workflows({ rows, ledger, queues, trace });
    this.servers = this.openServers(bug);
  }

  /** Begins another worker process. */
  startWorker(): void {
    const name = `worker-${this.workers.length + 1}`;
    const process = new SimulatedProcess(name, this.time, this.random.fork(name), this.weather);
    const worker = new SimulatedWorker(process, this.random.fork(`${name} itself`), this.servers);
    this.workers.push(worker);
    this.queues.connect(worker);
  }

  /** How many workers may take jobs, now or when they go on. */
  get workerCount(): number {
    return this.workers.filter(({ isDead, isEnding }) => !isDead && !isEnding).length;
  }

  get isOver(): boolean {
    return [...this.rows.executions.values()].every(({ status }) => isFinal(status));
  }

  processes(): readonly SimulatedProcess[] {
    return this.workers.filter(({ isDead }) => !isDead).map(({ process }) => process);
  }

  drain(process: SimulatedProcess): void {
    this.workers.find((worker) => worker.process === process)?.end();
  }

  flushQueue(): void {
    this.queues.flush();
  }

  moveTime(milliseconds: number): void {
    this.rows.shiftMs += milliseconds;
  }

  now(): number {
    return this.time.now;
  }

  private openServers(bug: Bug | undefined): Servers {
    const { effects, rows, sink, workflows } = this;
    const elapsedMs = (): number => this.time.now;
    const sound = {
      storeOf: (worker: string) => new MemoryStore(rows, { worker, defaultBound: DEFAULT_BOUND, elapsedMs }),
      swept: new MemorySweptRuns(rows),
    };
    const planted = { ...sound, ...(bug && BUGS[bug]({ ...sound, rows, effects })) };
    const places = { rows, effects, sink, planOf: (run: RunRow) => this.planOf(run) };
    return {
      ...planted,
      storeOf: (worker) => this.ledger.watch(worker, planted.storeOf(worker)),
      definitions: { get: async (_organization, id) => workflows.definitions.get(id)! },
      actionsOf: (process) => actionsOf(process, places),
      startChild: (held) => workflows.startChild(held),
      queues: this.queues,
      queueAwayUntil: () => this.weather.queueAwayUntil,
    };
  }

  private planOf(run: RunRow) {
    const { executionId, stepId, scope, attempt } = run;
    const place = { stepId, place: placeOf(scope), nth: this.rows.nthOf(run), attempt };
    return planned(`${this.seed} ${executionId}`, place);
  }
}
