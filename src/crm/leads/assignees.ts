import type { EntityManager } from '@mikro-orm/postgresql';
import { type DomainError, invalid } from '../../kernel/domain-error.js';
import type { JsonValue } from '../../kernel/json.js';

/** Somebody who cannot be given work, because they are no active member of the organization. */
export const unknownAssignee = (assigneeId: JsonValue): DomainError =>
  invalid('unknown-assignee', `${JSON.stringify(assigneeId)} is no active member of this organization.`, {
    violations: [{ pointer: '#/assigneeId', message: 'must be the id of an active member' }],
  });

/** Whom the organization can give work to. */
export async function activeMembers(em: EntityManager): Promise<ReadonlySet<string>> {
  const rows = await em.execute<{ user_id: string }[]>("select user_id from memberships where status = 'active'");
  return new Set(rows.map(({ user_id }) => user_id));
}

/** @throws invalid `unknown-assignee` */
export async function assertAssignable(em: EntityManager, assigneeId: string | null | undefined): Promise<void> {
  if (assigneeId === null || assigneeId === undefined) return;
  const found = await em.execute<unknown[]>("select from memberships where user_id = ? and status = 'active'", [
    assigneeId,
  ]);
  if (found.length === 0) throw unknownAssignee(assigneeId);
}
