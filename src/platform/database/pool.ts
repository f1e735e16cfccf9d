import pg from 'pg';
import { databaseRoles, type DatabaseRole } from './roles.js';

/** Limits that every connection of ours carries, in milliseconds. */
export const timeouts = {
  /** One statement. */
  statement: 15_000,
  /** A transaction that waits for us; an open one holds the relay's gate for everybody, so it is short. */
  idleInTransaction: 5_000,
  /** A transaction as a whole. */
  transaction: 30_000,
  /** Waiting for a free connection of the pool. */
  acquire: 30_000,
  /** A connection that nobody used is closed after this. */
  idle: 10_000,
} as const;

export interface PoolSettings {
  readonly role: DatabaseRole;
  readonly max: number;
  /** Sends statements without waiting for the one before; see `Sql`. */
  readonly pipeline?: boolean;
  /** Further settings of the session, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** What the server is told at connect: the role, the limits, further settings. */
export function sessionOptions({ role, settings = {} }: Pick<PoolSettings, 'role' | 'settings'>): string {
  const all = {
    role: databaseRoles[role],
    statement_timeout: String(timeouts.statement),
    idle_in_transaction_session_timeout: String(timeouts.idleInTransaction),
    transaction_timeout: String(timeouts.transaction),
    ...settings,
  };
  return Object.entries(all)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}

/** A pool of connections that act under one role. A connection that the server drops is no uncaught error. */
export function createPool(url: string, settings: PoolSettings): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: settings.max,
    options: sessionOptions(settings),
    application_name: `proviso-${settings.role}`,
    connectionTimeoutMillis: timeouts.acquire,
    idleTimeoutMillis: timeouts.idle,
    keepAlive: true,
    pipeline: settings.pipeline ?? false,
  });
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('error', () => undefined);
  return pool;
}
