import type { EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../../kernel/domain-error.js';
import { newId } from '../../kernel/id.js';
import { foldEmail } from './email.js';
import { Member } from './member.js';

/** The id of the person with this e-mail, who is made when there is none in any organization. */
export async function ensurePerson(em: EntityManager, email: string): Promise<string> {
  const [row] = await em.execute<{ id: string }[]>('select authentication.ensure_person(?, ?, ?) as id', [
    newId(),
    email,
    foldEmail(email),
  ]);
  return row!.id;
}

/** Sets the password of a person who has none yet. @returns whether it was set */
export async function setFirstPassword(em: EntityManager, userId: string, passwordHash: string): Promise<boolean> {
  const rows = await em.execute<unknown[]>(
    'update users set password_hash = ? where id = ? and password_hash is null returning id',
    [passwordHash, userId],
  );
  return rows.length > 0;
}

/** @throws not-found when the person does not belong to the organization */
export async function loadMember(em: EntityManager, organizationId: string, userId: string): Promise<Member> {
  const member = await em.findOne(Member, { organizationId, id: userId });
  if (!member) throw notFound('User', userId);
  return member;
}
