import type { JsonObject } from '../../src/kernel/json.js';
import type { QueuedJob } from '../../src/platform/queue/queues.js';
import { advance } from '../../src/workflows/engine/advance.js';
import type { WorkflowDefinition } from '../../src/workflows/engine/definition.js';
import type { Advance, Outcome } from '../../src/workflows/engine/outcome.js';
import { initialState } from '../../src/workflows/engine/state.js';
import { isFinal } from '../../src/workflows/engine/status.js';
import { executionRequested, transitionEvents } from '../../src/workflows/executions/execution-events.js';
import type { AppliedOutside } from '../../src/workflows/executions/execution-rows.js';
import { type Delivered, type HeldStep, stateOf } from '../../src/workflows/executions/execution-snapshot.js';
import { environmentOf } from '../../src/workflows/executions/step-end.js';
import { deliveredJob, wakeTransition } from '../../src/workflows/executions/step-jobs.js';
import { changeOf, type TransitionChange } from '../../src/workflows/executions/transition-change.js';
import { ACTION_QUEUES } from './actions.js';
import type { Ledger } from './ledger.js';
import { deliver, park } from './memory-deliveries.js';
import { insertExecution, updateExecution } from './memory-executions.js';
import type { MemoryRows } from './memory-rows.js';
import { childName, placeOf } from './plans.js';

export const ORGANIZATION = '0193524e-0000-7000-8000-000000000001';

export interface WorkflowsDependencies {
  readonly rows: MemoryRows;
  readonly ledger: Ledger;
  readonly queues: { add(job: QueuedJob): void };
  readonly trace: (line: string) => void;
}

/** What units of work do to executions, on tables in memory: start, cancel, retry, deliver, begin a child. */
export class Workflows {
  readonly definitions = new Map<string, WorkflowDefinition>();

  constructor(private readonly dependencies: WorkflowsDependencies) {}

  /** Adds a workflow under this id. */
  define(workflowId: string, definition: WorkflowDefinition): void {
    this.definitions.set(workflowId, definition);
    this.dependencies.rows.bounds.set(workflowId, definition.settings.maxConcurrentExecutions);
  }

  start(workflowId: string, id: string, variables: JsonObject, parentStepRunId: string | null = null): void {
    const { rows } = this.dependencies;
    const definition = this.definitions.get(workflowId)!;
    const now = new Date(rows.now()).toISOString();
    const advanced = advance(definition, initialState(variables), { kind: 'started' }, environmentOf({ id, now }));
    const change = changeOf({ advance: advanced, definition, actions: ACTION_QUEUES }, undefined);
    const events = this.eventsOf(workflowId, advanced, change);
    const place = { organizationId: ORGANIZATION, id, workflowId, definitionVersion: 1, variables, parentStepRunId };
    this.written(id, change, insertExecution(rows, place, change, events));
  }

  /** Starts the child of a held step and lets the step wait for its end. @throws unavailable `lease-lost` */
  startChild(held: HeldStep): void {
    const { rows } = this.dependencies;
    park(rows, held);
    const { workflow, variables } = held.input as { workflow: string; variables: JsonObject };
    const [workflowId] = [...this.definitions].find(([, { name }]) => name === workflow)!;
    const place = { stepId: held.stepId, place: placeOf(held.scope), nth: rows.nthOf(rows.runs.get(held.id)!) };
    this.start(workflowId, childName(held.execution.id, place), variables, held.id);
  }

  cancel(id: string, compensate: boolean): void {
    const row = this.dependencies.rows.executions.get(id);
    if (!row || isFinal(row.status)) return;
    const waiting = this.dependencies.rows.runsOf(id).filter(({ status }) => status === 'waiting');
    const untaken = waiting.map(({ stepId, scope, visit }) => ({ stepId, scope, visit }));
    this.intervene(id, 'cancel', { kind: 'cancel-requested', compensate, untaken });
  }

  /** Lets a failed execution go on; nothing when it has not failed. */
  retry(id: string): void {
    if (this.dependencies.rows.executions.get(id)?.status === 'failed') {
      this.intervene(id, 'retry', { kind: 'retry-requested' });
    }
  }

  deliver(stepRunId: string, delivered: Delivered): void {
    const { queues, rows, trace } = this.dependencies;
    const run = deliver(rows, stepRunId, delivered);
    if (!run) return;
    queues.add(deliveredJob(ORGANIZATION, run));
    const { executionId, stepId } = rows.runs.get(stepRunId)!;
    trace(`something is delivered to ${executionId} ${stepId}`);
  }

  private intervene(id: string, request: 'cancel' | 'retry', outcome: Outcome): void {
    const { rows, trace } = this.dependencies;
    const row = rows.executions.get(id)!;
    const { version, workflowId } = row;
    const definition = this.definitions.get(workflowId)!;
    const snapshot = rows.snapshot(row);
    const advanced = advance(definition, stateOf(snapshot), outcome, environmentOf(snapshot));
    if (advanced.ignored) return;
    const change = changeOf({ advance: advanced, definition, actions: ACTION_QUEUES }, undefined);
    const executed = { workflowId, definitionVersion: 1, definition };
    const events = [executionRequested(request, executed), ...this.eventsOf(workflowId, advanced, change)];
    this.written(id, change, updateExecution(rows, { executionId: id, version }, change, events));
    trace(`somebody asks to ${request} ${id}: ${change.status}`);
  }

  private written(id: string, change: TransitionChange, { parent }: AppliedOutside): void {
    const { ledger, queues } = this.dependencies;
    ledger.ended(id, change.ended);
    const wake = (_queue: string, jobs: readonly QueuedJob[]): void => jobs.forEach((job) => queues.add(job));
    wakeTransition({ wake }, ORGANIZATION, { change, parent });
  }

  private eventsOf(workflowId: string, advanced: Advance, change: TransitionChange) {
    const executed = { workflowId, definitionVersion: 1, definition: this.definitions.get(workflowId)! };
    return transitionEvents(executed, { advance: advanced, change });
  }
}
