import type { EntityManager } from '@mikro-orm/postgresql';
import type { Unit } from '../../audit/audit.contract.js';
import type { StepRunKey } from '../engine/state.js';
import type { ExecutionSnapshot } from './execution-snapshot.js';
import { OUTSIDE_STATEMENT, START_STATEMENT } from './transition-statement.js';

/** The database's present, ISO 8601. */
export async function readNow(em: EntityManager): Promise<string> {
  const [row] = await em.execute<{ now: string }[]>('select to_jsonb(app_now()) as now');
  return row!.now;
}

/** The execution that was started under a key, if one was; who starts under the same key meanwhile is waited for. */
export async function findStarted(
  em: EntityManager,
  organizationId: string,
  startKey: string,
): Promise<string | undefined> {
  await em.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`${organizationId} ${startKey}`]);
  const [row] = await em.execute<{ id: string }[]>(
    'select id from workflow_executions where organization_id = ? and start_key = ?',
    [organizationId, startKey],
  );
  return row?.id;
}

/** Inserts an execution with its first runs; all that it is caused by comes from the unit. */
export async function insertExecution(unit: Unit, startEventId: string, change: object): Promise<void> {
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
  await executeStatement(unit.em, START_STATEMENT, { ...change, ...cause });
}

/** Writes a transition that no step brought about. */
export function updateExecution(em: EntityManager, change: object): Promise<void> {
  return executeStatement(em, OUTSIDE_STATEMENT, change);
}

/** A run that is open, and whether a worker has it. */
export interface OpenRow extends StepRunKey {
  readonly isTaken: boolean;
}

/** Locks what a cancellation changes, in the order in which a step's transition does: the runs, then the execution. */
export async function lockExecution(
  em: EntityManager,
  organizationId: string,
  executionId: string,
): Promise<{ execution: ExecutionSnapshot | undefined; open: readonly OpenRow[] }> {
  const open = await em.execute<OpenRow[]>(
    `select step_id as "stepId", scope, visit, status = 'running' as "isTaken" from workflow_step_runs
     where organization_id = ? and execution_id = ? and status in ('waiting', 'running') order by id for update`,
    [organizationId, executionId],
  );
  const [row] = await em.execute<{ execution: ExecutionSnapshot }[]>(
    `select execution_snapshot(e) as execution from workflow_executions e
     where organization_id = ? and id = ? for update`,
    [organizationId, executionId],
  );
  return { execution: row?.execution, open };
}

async function executeStatement(em: EntityManager, statement: string, change: object): Promise<void> {
  await em.execute(statement.replace('$1', '?'), [JSON.stringify(change)]);
}
