import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';

const MAX_ATTEMPTS = 6;

interface RunningTransaction {
  readonly organizationId: string;
  readonly em: EntityManager;
}

/** Transactions of one organization on the mapped aggregates. */
export class Database {
  private readonly running = new AsyncLocalStorage<RunningTransaction>();

  constructor(private readonly orm: MikroORM) {}

  /**
   * Runs `work` in one transaction that sees one organization. Called inside a running one it joins it, because a
   * second connection would wait for the first for ever once the pool is empty. A deadlock or a serialization failure
   * runs `work` again from the start with a fresh entity manager, so it must have no effect outside the database.
   */
  async transaction<R>(organizationId: string, work: (em: EntityManager) => Promise<R>): Promise<R> {
    const outer = this.running.getStore();
    if (outer) {
      if (outer.organizationId !== organizationId) {
        throw new Error('A transaction of one organization cannot hold work of another.');
      }
      return work(outer.em);
    }
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.once(organizationId, work);
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || !isTransient(error)) throw error;
        await sleep(Math.random() * 10 * 2 ** attempt);
      }
    }
  }

  private once<R>(organizationId: string, work: (em: EntityManager) => Promise<R>): Promise<R> {
    const em = this.orm.em.fork({
      session: { variables: { 'app.organization_id': organizationId } },
      disableContextResolution: true,
    });
    em.setFilterParams('organization', { id: organizationId });
    return em.transactional((inner) => {
      const transaction = inner as EntityManager;
      return this.running.run({ organizationId, em: transaction }, () => work(transaction));
    });
  }
}

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';

function isTransient(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === SERIALIZATION_FAILURE || code === DEADLOCK_DETECTED;
}
