import { eventRow, type EventTypes, type Installation } from '../../audit/audit.contract.js';
import type { DomainEvent } from '../../kernel/domain-event.js';
import { systemTimers } from '../../kernel/timers.js';
import { Batches } from '../../platform/database/batches.js';
import type { Sql } from '../../platform/database/sql.js';
import { executionActor, type ExecutionSnapshot, type HeldStep } from './execution-snapshot.js';
import { deliveryToParent } from './parent-delivery.js';
import type { StepQueue } from './step-actions.js';
import type { TransitionChange } from './transition-change.js';
import { isSame } from './step-run-keys.js';
import { PLAIN_STATEMENT } from './plain-transitions-statement.js';
import { STEP_STATEMENT } from './transition-statement.js';

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
  readonly stepRunId: string;
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

/** What became of one of several transitions that were written together. */
interface AppliedRow extends Record<string, unknown> {
  readonly stepRunId: string;
  readonly isApplied: boolean;
  readonly next: DueRun | null;
}

type TransitionParameter = ReturnType<ExecutionStore['parameterOf']>;

const NOT_APPLIED = { isApplied: false, next: null };

/** What workers ask of the rows of running executions; a contract suite says how it behaves. */
export type StepStore = Pick<ExecutionStore, 'claim' | 'renew' | 'apply' | 'reload'>;

/** The rows of running executions, as workers see them: each call is one statement. */
export class ExecutionStore {
  private readonly claims = new Batches<string, Claim>((organizationId, ids) => this.claimAll(organizationId, ids));
  private readonly plain = new Batches<TransitionParameter, Applied>((organizationId, changes) =>
    this.applyPlain(organizationId, changes),
  );

  constructor(private readonly dependencies: StoreDependencies) {}

  /** Takes a run that is due, or one whose lease ended. */
  claim(organizationId: string, stepRunId: string): Promise<Claim> {
    return this.claims.add(organizationId, stepRunId);
  }

  private async claimAll(organizationId: string, stepRunIds: readonly string[]): Promise<Claim[]> {
    const { sql, worker, defaultBound } = this.dependencies;
    const rows = await sql.write<ClaimRow>(
      organizationId,
      `select step_run as "stepRunId", outcome, wait_ms as "waitMs", run, execution, next
       from claim_step_runs($1, $2, $3, $4::interval, $5)`,
      [organizationId, [...new Set(stepRunIds)], worker, LEASE, defaultBound],
      'claim-step-runs',
    );
    const answers = new Map(rows.map((row) => [row.stepRunId, row]));
    // Of two jobs for one run the first has it.
    return stepRunIds.map((id, index) =>
      stepRunIds.indexOf(id) === index ? claimOf(organizationId, answers.get(id)) : undefined,
    );
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
  async apply(transition: StepTransition): Promise<Applied> {
    const { organizationId } = transition.held;
    const parameter = this.parameterOf(transition);
    if (isPlain(transition, parameter.delivery)) return this.plain.add(organizationId, parameter);
    const { name, text } = STEP_STATEMENT;
    const [answer] = await this.dependencies.sql.write<Applied & Record<string, unknown>>(
      organizationId,
      text,
      [JSON.stringify(parameter)],
      name,
    );
    return answer!;
  }

  private async applyPlain(organizationId: string, changes: readonly TransitionParameter[]): Promise<Applied[]> {
    const { name, text } = PLAIN_STATEMENT;
    // A statement moves an execution on once; what comes second in it starts from a version that is no more.
    const firsts = [...new Map(changes.toReversed().map((change) => [change.executionId, change])).values()];
    const values = [JSON.stringify({ organizationId, changes: firsts })];
    const rows = await this.dependencies.sql.write<AppliedRow>(organizationId, text, values, name);
    const answers = new Map(rows.map((row) => [row.stepRunId, row]));
    return changes.map((change) => {
      const { isApplied, next } = firsts.includes(change) ? answers.get(change.stepRunId)! : NOT_APPLIED;
      return { isApplied, next, parent: null };
    });
  }

  private parameterOf({ held, change, events, activeMs }: StepTransition) {
    const { organizationId, execution } = held;
    const rows = this.rowsOf(held, events);
    return {
      ...change,
      delivery: deliveryToParent(execution, change),
      parentStepRunId: execution.parentStepRunId,
      organizationId,
      executionId: execution.id,
      version: execution.version,
      stepRunId: held.id,
      fence: held.fence,
      isDelivered: held.delivered !== null,
      worker: this.dependencies.worker,
      lease: LEASE,
      activeMs: Math.round(activeMs),
      events: rows,
      wakesRelay: rows.some(({ published }) => published),
      givesUpPlace: change.begun.every(({ status }) => status !== 'running'),
    };
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

/** Whether nothing happens but that the held run ends and others begin. */
function isPlain({ held, change }: StepTransition, delivery: unknown): boolean {
  const { ended, rearmed, retried, tasks } = change;
  if (tasks.length > 0 || retried.length > 0 || rearmed.length > 0 || delivery !== null) return false;
  return ended.length === 1 && ended[0]!.taskStatus === null && isSame(ended[0]!, held);
}

function claimOf(organizationId: string, row: ClaimRow | undefined): Claim {
  if (!row) return undefined;
  const { outcome, waitMs, run, execution, next } = row;
  if (outcome === 'early') return { outcome, waitMs };
  if (outcome === 'held-back') return { outcome, next };
  return { outcome, held: { ...run, organizationId, execution, readAt: systemTimers.elapsedMs() }, next };
}
