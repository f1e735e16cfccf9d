import type { Unit } from '../../../audit/audit.contract.js';
import { DomainError, notFound } from '../../../kernel/domain-error.js';
import type { JsonValue } from '../../../kernel/json.js';
import type { StepAddress } from './open-wait.js';

/** Who may take a result for a task; either may be missing. */
interface Holder {
  readonly assignee: string | null;
  readonly role: string | null;
}

/** Where the step of a task stands. @throws not-found */
export async function addressOfTask({ em, actor }: Unit, taskId: string): Promise<StepAddress> {
  const [row] = await em.execute<StepAddress[]>(
    `select execution_id as "executionId", step_id as "stepId", scope from workflow_step_runs
     where organization_id = ? and id = (select id from human_tasks where organization_id = ? and id = ?)`,
    [actor.organizationId, actor.organizationId, taskId],
  );
  if (!row) throw notFound('The task', taskId);
  return row;
}

/** @throws forbidden `not-your-task` unless the actor has the task, its role, or may write workflows */
export async function expectMayComplete({ em, actor }: Unit, taskId: string): Promise<void> {
  const [holder] = await em.execute<Holder[]>(
    'select assignee, role from human_tasks where organization_id = ? and id = ?',
    [actor.organizationId, taskId],
  );
  const { assignee = null, role = null } = holder ?? {};
  const isHolder = assignee === actor.id || (role !== null && actor.roles.includes(role));
  if (isHolder || actor.permissions.has('workflows:write')) return;
  const message =
    'The task belongs to somebody else: it takes its assignee, its role, or the permission workflows:write.';
  throw new DomainError('forbidden', 'not-your-task', message);
}

/** Writes down who completed a task, and with what. */
export async function closeTask({ em, actor }: Unit, taskId: string, result: JsonValue): Promise<void> {
  await em.execute(
    `update human_tasks set status = 'completed', result = ?::jsonb, ended_at = app_now(), completed_by = ?
     where organization_id = ? and id = ? and status = 'open'`,
    [JSON.stringify(result), actor.id, actor.organizationId, taskId],
  );
}
