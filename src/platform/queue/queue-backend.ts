import {
  createPostgresBackend,
  createRedisBackend,
  runMigrations,
  withBackend,
  type BackendClasses,
  type BackendFactory,
  type ConnectionOptions,
  type IQueueBackend,
  type Processor,
  type QueueOptions,
  type WorkerOptions,
} from 'bullmq';
import type { ClientBase, QueryResult } from 'pg';
import type { Configuration } from '../config/configuration.js';
import type { Pools } from '../database/pools.js';

const SCHEMA = 'bullmq';
/** Workers and their listeners keep six connections for good; the rest serve the statements of all. */
const POOL_SIZE = 12;
/** Each queue and each worker hears of the pool's errors; more than these would be a leak. */
const MAX_POOL_LISTENERS = 40;
/** How long one command to Redis may take before its producer gives up. */
const COMMAND_TIMEOUT_MS = 3_000;
const MAX_RECONNECT_PAUSE_MS = 1_000;

type Classes = BackendClasses<IQueueBackend, ConnectionOptions>;
export type Queue = InstanceType<Classes['Queue']>;
export type Worker = InstanceType<Classes['Worker']>;

/** Opens queues and workers, all of them in Redis or all of them in PostgreSQL. */
export interface QueueBackend {
  openQueue(name: string, options: Omit<QueueOptions, 'connection'>): Queue;
  openWorker(name: string, processor: Processor, options: Omit<WorkerOptions, 'connection'>): Worker;
}

/**
 * The backend that the configuration names. In PostgreSQL the schema of the queues is brought up to date first: an
 * object that once met a missing one stays dead for ever.
 * @throws Error when the database is away or refuses the schema
 */
export async function openQueueBackend(
  configuration: Pick<Configuration, 'redisUrl'>,
  pools: Pools,
): Promise<QueueBackend> {
  return configuration.redisUrl ? redisBackend(configuration.redisUrl) : await postgresBackend(pools);
}

function redisBackend(url: string): QueueBackend {
  const reconnecting = { url, retryStrategy: (times: number) => Math.min(times * 100, MAX_RECONNECT_PAUSE_MS) };
  // Without these a command to a Redis that is away waits for its return, and whoever sent it waits as well.
  const impatient = { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: COMMAND_TIMEOUT_MS };
  return backendOf(createRedisBackend, { ...reconnecting, ...impatient }, reconnecting);
}

async function postgresBackend(pools: Pools): Promise<QueueBackend> {
  // A commit that is lost with the server is no loss: the tables say what is due, and the sweepers look.
  const settings = { search_path: SCHEMA, synchronous_commit: 'off' };
  const pool = pools.get('queue', { role: 'queue', max: POOL_SIZE, settings });
  pool.setMaxListeners(MAX_POOL_LISTENERS);
  const client = await pool.connect();
  try {
    await runMigrations(withoutSchemaCreation(client), SCHEMA);
  } finally {
    client.release();
  }
  return backendOf(createPostgresBackend as unknown as BackendFactory, pool, pool);
}

/**
 * The schema was made with the database's other roles. Asking for it once more, even "if not exists", would need the
 * right to make schemas anywhere in the database, which the role of the queues has not.
 */
function withoutSchemaCreation(client: ClientBase): Pick<ClientBase, 'query'> {
  const query = (text: string, values?: unknown[]): Promise<QueryResult> =>
    client.query(/^create schema if not exists/i.test(text) ? 'select' : text, values);
  return { query: query as ClientBase['query'] };
}

function backendOf(factory: BackendFactory, producer: ConnectionOptions, consumer: ConnectionOptions): QueueBackend {
  const { Queue, Worker } = withBackend(factory);
  return {
    openQueue: (name, options) => new Queue(name, { ...options, connection: producer }),
    openWorker: (name, processor, options) => new Worker(name, processor, { ...options, connection: consumer }),
  };
}
