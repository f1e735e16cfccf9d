import type { EntityManager } from '@mikro-orm/postgresql';
import type { Unit } from '../../audit/audit.contract.js';
import type { StepRunKey } from '../engine/state.js';
import type { ExecutionSnapshot } from './execution-snapshot.js';
import type { Applied } from './execution-store.js';
import { OUTSIDE_STATEMENT, START_STATEMENT } from './transition-statement.js';

/** What a transition outside of a step's work answers. */
export type AppliedOutside = Omit<Applied, 'next'>;

/** The database's present, ISO 8601. */
export async function readNow(em: EntityManager): Promise<string> {
  const [row] = await em.execute<{ now: string }[]>('select to_jsonb(app_now()) as now');
  return row!.now;
}

/**
 * Inserts an execution with its first runs; all that it is caused by comes from the unit. Not applied when another one
 * was started for the same key.
 */
export function insertExecution(unit: Unit, startEventId: string, change: object): Promise<AppliedOutside> {
  const { organizationId, id: createdBy, correlationId, depth, subject } = unit.actor;
  const cause = {
    organizationId,
    createdBy,
    correlationId,
    depth,
    causationId: startEventId,
    subjectType: subject?.type ?? null,
    subjectId: subject?.id ?? null,
  };
  return executeStatement(unit.em, START_STATEMENT, { ...change, ...cause });
}

/** Writes a transition that no step brought about. */
export function updateExecution(em: EntityManager, change: object): Promise<AppliedOutside> {
  return executeStatement(em, OUTSIDE_STATEMENT, change);
}

/** The execution that was started before for this key, or for this step. */
export async function findStarted(
  em: EntityManager,
  organizationId: string,
  { startKey, parentStepRunId }: { readonly startKey: string | null; readonly parentStepRunId: string | null },
): Promise<string> {
  const [row] = await em.execute<{ id: string }[]>(
    'select id from workflow_executions where organization_id = ? and (start_key = ? or parent_step_run_id = ?)',
    [organizationId, startKey, parentStepRunId],
  );
  return row!.id;
}

/** A run that is open, and whether a worker has it. */
export interface OpenRow extends StepRunKey {
  readonly isTaken: boolean;
}

/**
 * Locks what a transition from outside may change, in the order in which a step's transition does: the execution, then
 * its open runs and that of the parent by their ids.
 */
export async function lockExecution(
  em: EntityManager,
  organizationId: string,
  executionId: string,
): Promise<{ execution: ExecutionSnapshot | undefined; open: readonly OpenRow[] }> {
  const [row] = await em.execute<{ execution: ExecutionSnapshot }[]>(
    `select execution_snapshot(e) as execution from workflow_executions e
     where organization_id = ? and id = ? for no key update`,
    [organizationId, executionId],
  );
  if (!row) return { execution: undefined, open: [] };
  const open = await em.execute<(OpenRow & { isOwn: boolean })[]>(
    `select step_id as "stepId", scope, visit, status = 'running' as "isTaken", execution_id = ? as "isOwn"
     from workflow_step_runs
     where organization_id = ? and (execution_id = ? and status in ('waiting', 'running') or id = ?)
     order by id for no key update`,
    [executionId, organizationId, executionId, row.execution.parentStepRunId],
  );
  return { execution: row.execution, open: open.filter(({ isOwn }) => isOwn) };
}

async function executeStatement(em: EntityManager, statement: string, change: object): Promise<AppliedOutside> {
  const [answer] = await em.execute<AppliedOutside[]>(statement.replace('$1', '?'), [JSON.stringify(change)]);
  return answer!;
}
