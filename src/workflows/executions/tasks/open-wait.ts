import type { Unit } from '../../../audit/audit.contract.js';
import { conflict, invalid, notFound } from '../../../kernel/domain-error.js';
import type { StepRunKey } from '../../engine/state.js';

/** A visit that somebody brings a result for, with what is needed of its execution. */
export interface OpenWait extends StepRunKey {
  readonly stepRunId: string;
  readonly executionId: string;
  readonly workflowId: string;
  readonly definitionVersion: number;
  readonly subject: { readonly type: string; readonly id: string } | null;
}

/** Which visit of a step is meant; of several that are open the scope tells. */
export interface StepAddress {
  readonly executionId: string;
  readonly stepId: string;
  readonly scope?: string;
}

interface VisitRow extends OpenWait {
  readonly status: string;
  readonly isDelivered: boolean;
}

const EXECUTION = `select workflow_id as "workflowId", definition_version as "definitionVersion"
  from workflow_executions where organization_id = ? and id = ?`;

// Newest first: only when none is open does the last one's status say why.
const VISITS = `select run.id as "stepRunId", run.step_id as "stepId", run.scope, run.visit, run.status,
    run.delivered is not null as "isDelivered", e.id as "executionId", e.workflow_id as "workflowId",
    e.definition_version as "definitionVersion",
    case when e.subject_id is not null then jsonb_build_object('type', e.subject_type, 'id', e.subject_id) end as subject
  from workflow_step_runs run
  join workflow_executions e on e.organization_id = run.organization_id and e.id = run.execution_id
  where run.organization_id = ? and run.execution_id = ? and run.step_id = ? and (?::text is null or run.scope = ?)
  order by run.visit desc`;

/** Which version an execution runs. @throws not-found */
export async function findExecutedVersion(
  { em, actor }: Unit,
  executionId: string,
): Promise<Pick<OpenWait, 'workflowId' | 'definitionVersion'>> {
  const rows = await em.execute<Pick<OpenWait, 'workflowId' | 'definitionVersion'>[]>(EXECUTION, [
    actor.organizationId,
    executionId,
  ]);
  if (!rows[0]) throw notFound('The execution', executionId);
  return rows[0];
}

/**
 * The visit of a step that waits for a result.
 * @throws conflict `step-not-waiting` naming the status, or `step-already-resumed`; invalid `scope-needed`
 */
export async function findOpenWait({ em, actor }: Unit, address: StepAddress): Promise<OpenWait> {
  const { executionId, stepId, scope = null } = address;
  const visits = await em.execute<VisitRow[]>(VISITS, [actor.organizationId, executionId, stepId, scope, scope]);
  const open = visits.filter(({ status }) => status === 'waiting' || status === 'running');
  const [wait] = open;
  if (!wait) {
    const status = visits[0] ? `is ${visits[0].status}` : 'has not begun';
    throw conflict('step-not-waiting', `The step "${stepId}" ${status}; only one that waits can be resumed.`);
  }
  const waiting = open.filter(({ isDelivered }) => !isDelivered);
  if (waiting.length > 1) {
    const message = `"${stepId}" waits in ${waiting.length} scopes; say in which it is to be resumed.`;
    throw invalid('scope-needed', message, { violations: [{ pointer: '#/scope', message: 'is needed' }] });
  }
  return waiting[0] ?? alreadyResumed(stepId);
}

/** @throws conflict `step-already-resumed` */
export function alreadyResumed(stepId: string): never {
  throw conflict('step-already-resumed', `The step "${stepId}" was resumed already.`);
}
