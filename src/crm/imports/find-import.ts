import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../../kernel/domain-error.js';
import { LeadImport } from './lead-import.js';

/** Loads an import for update. @throws not-found */
export async function findImport(em: EntityManager, id: string): Promise<LeadImport> {
  const leadImport = await em.findOne(LeadImport, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!leadImport) throw notFound('Import', id);
  return leadImport;
}
