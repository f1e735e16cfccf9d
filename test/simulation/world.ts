import { advance } from '../../src/workflows/engine/advance.js';
import type { WorkflowDefinition } from '../../src/workflows/engine/definition.js';
import type { JsonObject } from '../../src/kernel/json.js';
import { initialState } from '../../src/workflows/engine/state.js';
import type { Advance } from '../../src/workflows/engine/outcome.js';
import { isFinal } from '../../src/workflows/engine/status.js';
import { transitionEvents } from '../../src/workflows/executions/execution-events.js';
import { stateOf } from '../../src/workflows/executions/execution-snapshot.js';
import type { StepAction } from '../../src/workflows/executions/step-actions.js';
import { StepActions } from '../../src/workflows/executions/step-actions.js';
import { environmentOf } from '../../src/workflows/executions/step-end.js';
import { jobOf } from '../../src/workflows/executions/step-jobs.js';
import { changeOf } from '../../src/workflows/executions/transition-change.js';
import { BUGS, type Bug } from './bugs.js';
import { EffectAction, type EffectRow } from './effects.js';
import { calm, type Sufferer } from './faults.js';
import { Ledger } from './ledger.js';
import { insertExecution, updateExecution } from './memory-executions.js';
import { MemoryRows, type RunRow } from './memory-rows.js';
import { MemoryStore } from './memory-store.js';
import { MemorySweptRuns } from './memory-swept-runs.js';
import { placeOf, planned } from './plans.js';
import type { Random } from './random.js';
import { SimulatedProcess } from './simulated-process.js';
import { SimulatedQueues } from './simulated-queues.js';
import { SimulatedWorker } from './simulated-worker.js';
import { VirtualTime } from './virtual-time.js';

const ORGANIZATION = '0193524e-0000-7000-8000-000000000001';
const EPOCH = Date.UTC(2026, 0, 5, 9);
const DEFAULT_BOUND = 100;

/** Everything that one run simulates: servers, workers, time, and the weather. */
export class World implements Sufferer {
  readonly time = new VirtualTime();
  readonly rows = new MemoryRows(() => EPOCH + this.time.now);
  readonly effects = new Map<string, EffectRow>();
  readonly sink = new Map<string, number>();
  readonly weather = calm();
  readonly definitions = new Map<string, WorkflowDefinition>();
  readonly ledger: Ledger;
  private readonly queues: SimulatedQueues;
  private readonly workers: SimulatedWorker[] = [];
  private readonly servers;
  private readonly actions = new StepActions();

  constructor(
    private readonly random: Random,
    /** Seeds what actions come to. */
    private readonly seed: string,
    private readonly trace: (line: string) => void,
    bug: Bug | undefined,
  ) {
    this.ledger = new Ledger(trace);
    this.queues = new SimulatedQueues(this.time, random.fork('queue'), this.weather);
    const { rows, effects } = this;
    const sound = {
      storeOf: (worker: string) => new MemoryStore(rows, worker, DEFAULT_BOUND),
      swept: new MemorySweptRuns(rows),
    };
    const servers = { ...sound, ...(bug && BUGS[bug]({ ...sound, rows, effects })) };
    this.servers = {
      ...servers,
      storeOf: (worker: string) => this.ledger.watch(worker, servers.storeOf(worker)),
      definitions: { get: async (_organization: string, id: string) => this.definitions.get(id)! },
      actionsOf: (process: SimulatedProcess) => this.actionsOf(process),
      queues: this.queues,
      queueAwayUntil: () => this.weather.queueAwayUntil,
    };
    const process = new SimulatedProcess('api', this.time, random.fork('api'), this.weather);
    for (const action of this.actionsOf(process)) this.actions.register(action);
  }

  /** Adds a workflow under this id. */
  define(workflowId: string, definition: WorkflowDefinition): void {
    this.definitions.set(workflowId, definition);
    this.rows.bounds.set(workflowId, definition.settings.maxConcurrentExecutions);
  }

  /** Starts an execution, as a unit of work does. */
  start(workflowId: string, id: string, variables: JsonObject): void {
    const definition = this.definitions.get(workflowId)!;
    const now = new Date(this.rows.now()).toISOString();
    const advanced = advance(definition, initialState(variables), { kind: 'started' }, environmentOf({ id, now }));
    const change = changeOf({ advance: advanced, definition, actions: this.actions }, undefined);
    const execution = { organizationId: ORGANIZATION, id, workflowId, definitionVersion: 1, variables };
    insertExecution(this.rows, execution, change, this.eventsOf(workflowId, advanced));
    for (const run of change.begun.filter(({ status }) => status === 'waiting')) {
      this.queues.add(jobOf(ORGANIZATION, { ...run, fence: 0 }));
    }
  }

  /** Cancels an execution, as a unit of work does; nothing when it has ended or is being cancelled. */
  cancel(id: string, compensate: boolean): void {
    const row = this.rows.executions.get(id);
    if (!row || isFinal(row.status) || row.status === 'cancelling') return;
    const definition = this.definitions.get(row.workflowId)!;
    const snapshot = this.rows.snapshot(row);
    const untaken = this.rows.runsOf(id).filter(({ status }) => status === 'waiting');
    const outcome = { kind: 'cancel-requested', compensate, untaken } as const;
    const advanced = advance(definition, stateOf(snapshot), outcome, environmentOf(snapshot));
    if (advanced.ignored) return;
    const change = changeOf({ advance: advanced, definition, actions: this.actions }, undefined);
    updateExecution(
      this.rows,
      { executionId: id, version: row.version },
      change,
      this.eventsOf(row.workflowId, advanced),
    );
    this.ledger.ended(id, change.ended);
    this.trace(`${id} is cancelled: ${change.status}`);
    for (const run of change.begun.filter(({ status }) => status === 'waiting')) {
      this.queues.add(jobOf(ORGANIZATION, { ...run, fence: 0 }));
    }
  }

  /** Begins another worker process. */
  startWorker(): void {
    const name = `worker-${this.workers.length + 1}`;
    const process = new SimulatedProcess(name, this.time, this.random.fork(name), this.weather);
    const worker = new SimulatedWorker(process, this.servers);
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

  private eventsOf(workflowId: string, advanced: Advance) {
    const definition = this.definitions.get(workflowId)!;
    return transitionEvents({ workflowId, definitionVersion: 1, definition }, advanced);
  }

  private actionsOf(process: SimulatedProcess): readonly StepAction[] {
    const { rows, effects, sink } = this;
    const places = { rows, effects, sink, planOf: (run: RunRow) => this.planOf(run) };
    return [new EffectAction('note', process, places), new EffectAction('send', process, places)];
  }

  private planOf({ executionId, stepId, scope, visit, attempt }: RunRow) {
    const place = placeOf(scope);
    const isSame = (run: RunRow): boolean =>
      run.stepId === stepId && placeOf(run.scope) === place && run.visit <= visit;
    const nth = this.rows.runsOf(executionId).filter(isSame).length;
    return planned(`${this.seed} ${executionId}`, { stepId, place, nth, attempt });
  }
}
