import type pg from 'pg';

/** Told how long a statement took, in seconds, waiting for those before it on its connection included. */
export type QueryListener = (seconds: number) => void;

// What frames a transaction says nothing about the work in it.
const FRAME = /^(begin|commit|rollback|savepoint|release|select set_config)\b/i;

/** Times the statements of a pool's connections. */
export function timeQueries(pool: pg.Pool, listener: QueryListener): void {
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    const timed = (...args: unknown[]): unknown => {
      if (FRAME.test(textOf(args[0]))) return query(...args);
      const start = performance.now();
      const tell = (): void => listener((performance.now() - start) / 1000);
      const callback = args.at(-1);
      if (typeof callback !== 'function') return told(query(...args), tell);
      const answer = (...answers: unknown[]): void => {
        tell();
        (callback as (...answers: unknown[]) => void)(...answers);
      };
      return query(...args.slice(0, -1), answer);
    };
    client.query = timed as typeof client.query;
  });
}

const textOf = (statement: unknown): string =>
  typeof statement === 'string' ? statement : String((statement as { readonly text?: unknown }).text);

function told(answer: unknown, tell: () => void): unknown {
  if (answer instanceof Promise) answer.then(tell, tell);
  return answer;
}
