import { eventRow, type EventTypes, type Installation } from '../../audit/audit.contract.js';
import type { DomainEvent } from '../../kernel/domain-event.js';
import { systemTimers } from '../../kernel/timers.js';
import type { Sql } from '../../platform/database/sql.js';
import { executionActor, type ExecutionSnapshot, type HeldStep } from './execution-snapshot.js';
import { deliveryToParent } from './parent-delivery.js';
import type { StepQueue } from './step-actions.js';
import type { TransitionChange } from './transition-change.js';
import { stepStatement } from './transition-statement.js';

/** How long a step is a worker's without a sign of life: twice the longest pause of an event loop that must not matter. */
const LEASE = '6 seconds';

/** A run that waits and is due, as a job is told of it. */
export interface DueRun {
  readonly id: string;
  readonly queue: StepQueue;
  readonly fence: number;
}

/** What became of an attempt to take a run; nothing when there is nothing to do. */
export type Claim =
  /** `next` was held back before, and there is a place for it too. */
  | { readonly outcome: 'claimed'; readonly held: HeldStep; readonly next: DueRun | null }
  | { readonly outcome: 'early'; readonly waitMs: number }
  /** The workflow runs as many steps as it may, or `next` comes first; whoever ends a step wakes the next one. */
  | { readonly outcome: 'held-back'; readonly next: DueRun | null }
  | undefined;

interface ClaimRow extends Record<string, unknown> {
  readonly outcome: 'claimed' | 'early' | 'held-back';
  readonly waitMs: number;
  readonly run: Omit<HeldStep, 'execution' | 'organizationId' | 'readAt'>;
  readonly execution: ExecutionSnapshot;
  readonly next: DueRun | null;
}

/** A transition of a held step, ready to be written. */
export interface StepTransition {
  readonly held: HeldStep;
  readonly change: TransitionChange;
  readonly events: readonly DomainEvent[];
  /** Milliseconds that the step ran. */
  readonly activeMs: number;
}

/** What became of an attempt to write a transition. */
export interface Applied {
  readonly isApplied: boolean;
  /** The run of the workflow that was held back first. */
  readonly next: DueRun | null;
  /** The step that waited for the end of this execution, and is due with it. */
  readonly parent: DueRun | null;
}

export interface StoreDependencies {
  readonly sql: Sql;
  readonly installation: Installation;
  readonly eventTypes: EventTypes;
  /** Names this process in leases. */
  readonly worker: string;
  /** Executions of one workflow that may run a step at the same time, when its settings do not say. */
  readonly defaultBound: number;
}

/** What workers ask of the rows of running executions; a contract suite says how it behaves. */
export type StepStore = Pick<ExecutionStore, 'claim' | 'renew' | 'apply' | 'reload'>;

/** The rows of running executions, as workers see them: each call is one statement. */
export class ExecutionStore {
  constructor(private readonly dependencies: StoreDependencies) {}

  /** Takes a run that is due, or one whose lease ended. */
  async claim(organizationId: string, stepRunId: string): Promise<Claim> {
    const { sql, worker, defaultBound } = this.dependencies;
    const [row] = await sql.write<ClaimRow>(
      organizationId,
      `select outcome, wait_ms as "waitMs", run, execution, next from claim_step_run($1, $2, $3, $4::interval, $5)`,
      [organizationId, stepRunId, worker, LEASE, defaultBound],
      'claim-step-run',
    );
    if (!row) return undefined;
    const { outcome, waitMs, run, execution, next } = row;
    if (outcome === 'early') return { outcome, waitMs };
    if (outcome === 'held-back') return { outcome, next };
    return { outcome, held: { ...run, organizationId, execution, readAt: systemTimers.elapsedMs() }, next };
  }

  /** Keeps a lease. @returns false when it was lost */
  async renew({ organizationId, id, fence }: HeldStep): Promise<boolean> {
    const rows = await this.dependencies.sql.write(
      organizationId,
      `update workflow_step_runs set lease_until = clock_timestamp() + $4::interval
       where organization_id = $1 and id = $2 and fence = $3 and status = 'running' returning id`,
      [organizationId, id, fence, LEASE],
    );
    return rows.length > 0;
  }

  /**
   * Writes a transition, unless the lease was lost, something was delivered to the run meanwhile, or the execution has
   * moved on.
   */
  async apply({ held, change, events, activeMs }: StepTransition): Promise<Applied> {
    const { sql, worker } = this.dependencies;
    const { organizationId, execution } = held;
    const rows = this.rowsOf(held, events);
    const delivery = deliveryToParent(execution, change);
    const { name, text } = stepStatement(change, delivery);
    const parameter = {
      ...change,
      delivery,
      parentStepRunId: execution.parentStepRunId,
      organizationId,
      executionId: execution.id,
      version: execution.version,
      stepRunId: held.id,
      fence: held.fence,
      isDelivered: held.delivered !== null,
      worker,
      lease: LEASE,
      activeMs: Math.round(activeMs),
      events: rows,
      wakesRelay: rows.some(({ published }) => published),
    };
    const [answer] = await sql.write<Applied & Record<string, unknown>>(
      organizationId,
      text,
      [JSON.stringify(parameter)],
      name,
    );
    return answer!;
  }

  /**
   * The execution of a held step as it stands, and what was delivered to the step meanwhile; the lease is kept.
   * @returns undefined when it was lost
   */
  async reload(held: HeldStep): Promise<HeldStep | undefined> {
    const [row] = await this.dependencies.sql.write<
      Pick<HeldStep, 'delivered' | 'execution'> & Record<string, unknown>
    >(
      held.organizationId,
      `with kept as (
         update workflow_step_runs set lease_until = clock_timestamp() + $4::interval
         where organization_id = $1 and id = $2 and fence = $3 and status = 'running'
         returning organization_id, execution_id, delivered
       )
       select kept.delivered, execution_snapshot(e) as execution
       from kept join workflow_executions e on e.organization_id = kept.organization_id and e.id = kept.execution_id`,
      [held.organizationId, held.id, held.fence, LEASE],
    );
    return row && { ...held, delivered: row.delivered, execution: row.execution, readAt: systemTimers.elapsedMs() };
  }

  private rowsOf({ organizationId, execution }: HeldStep, events: readonly DomainEvent[]) {
    const { installation, eventTypes } = this.dependencies;
    const actor = executionActor(organizationId, execution);
    return events.map((event, ordinal) => {
      const source = { type: 'workflow-execution', id: execution.id };
      const place = { epoch: installation.epoch, source, streamVersion: execution.version + 1, ordinal };
      const { row, leafHash } = eventRow(actor, event, eventTypes.get(event.type), place);
      return { ...row, leafHash: leafHash.toString('hex') };
    });
  }
}
