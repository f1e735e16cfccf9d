import type { EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../../kernel/domain-error.js';
import { Lead } from './lead.js';

/** Loads a lead to change it. @throws not-found, for a deleted one too */
export async function findLead(em: EntityManager, id: string): Promise<Lead> {
  const lead = await em.findOne(Lead, { id, deletedAt: null });
  if (!lead) throw notFound('Lead', id);
  return lead;
}
