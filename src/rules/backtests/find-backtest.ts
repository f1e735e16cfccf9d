import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { notFound } from '../../kernel/domain-error.js';
import { Backtest } from './backtest.js';

/** Loads a back-test for update. @throws not-found */
export async function findBacktest(em: EntityManager, id: string): Promise<Backtest> {
  const backtest = await em.findOne(Backtest, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!backtest) throw notFound('Back-test', id);
  return backtest;
}
