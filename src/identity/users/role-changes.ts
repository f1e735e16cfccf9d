import type { EntityManager } from '@mikro-orm/postgresql';
import { conflict, DomainError, invalid } from '../../kernel/domain-error.js';
import type { Actor } from '../../platform/http/actor.js';
import { isRole, mayGrant, type Role, roles } from '../access/permissions.js';
import type { Member } from './member.js';

/** @throws invalid `unknown-role`, or when there is none */
export function rolesFrom(texts: readonly string[]): readonly Role[] {
  if (texts.length > 0 && texts.every(isRole)) return texts;
  throw invalid('unknown-role', `Give at least one of the roles ${roles.join(', ')}.`, {
    violations: [{ pointer: '#/roles', message: `must hold some of ${roles.join(', ')}` }],
    allowed: roles,
  });
}

/** @throws forbidden `role-not-grantable` when a role can do something that the actor cannot */
export function expectGrantable(actor: Actor, changed: readonly Role[]): void {
  const role = changed.find((candidate) => !mayGrant(actor.permissions, candidate));
  if (!role) return;
  throw new DomainError(
    'forbidden',
    'role-not-grantable',
    `The role ${role} may do more than you; ask somebody who has it to give or take it.`,
    { role },
  );
}

/** @throws conflict `own-membership`: nobody gives themselves a role or locks themselves out */
export function expectAnother(actor: Actor, member: Member): void {
  if (actor.id === member.id) {
    throw conflict('own-membership', 'You cannot change your own roles or status; ask another administrator.');
  }
}

/** @throws conflict `last-owner` when nobody else who may sign in is an owner; whoever asks meanwhile waits. */
export async function expectAnotherOwner(em: EntityManager, member: Member): Promise<void> {
  if (!member.roles.includes('owner') || member.status !== 'active') return;
  await em.execute('select from organizations where id = ? for update', [member.organizationId]);
  const others = await em.execute<unknown[]>(
    `select from memberships where status = 'active' and roles @> array['owner'] and user_id <> ? limit 1`,
    [member.id],
  );
  if (others.length === 0) {
    throw conflict('last-owner', 'This is the last owner who can sign in; make somebody else an owner first.');
  }
}
