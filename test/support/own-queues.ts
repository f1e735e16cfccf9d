/** Databases of Redis that suites of queues take for themselves. */
const TAKEN_DATABASES = 3;

/** A database of Redis for each worker of the run: applications beside one another would take each other's jobs. */
export function ownQueues(redisUrl: string): string {
  const url = new URL(redisUrl);
  url.pathname = `/${TAKEN_DATABASES + Number(process.env.JEST_WORKER_ID ?? 0)}`;
  return url.href;
}
