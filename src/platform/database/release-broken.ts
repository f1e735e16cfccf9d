import type { Pool, PoolClient } from 'pg';

/**
 * Gives connections back that broke while they were lent out. The mapping's rollback on such a connection fails before
 * it comes to the release, so the pool would count it as lent for ever, and be empty after as many losses as its size.
 */
export function releaseBroken(pool: Pool): void {
  const lent = new Set<PoolClient>();
  pool.on('acquire', (client) => lent.add(client));
  pool.on('release', (_error, client) => lent.delete(client));
  pool.on('connect', (client) =>
    client.on('error', () => {
      if (!lent.delete(client)) return;
      const release = client.release.bind(client);
      // Whoever borrowed it may still come to release it, which the pool would take for a fault.
      client.release = () => undefined;
      release(true);
    }),
  );
}
