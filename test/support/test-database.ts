import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

/** A migrated, empty database that belongs to one test file. */
export interface TestDatabase {
  /** For its owner, a superuser. */
  readonly url: string;
  /** Cuts the sessions that are still open and removes the database. */
  readonly drop: () => Promise<void>;
}

/** Copies the run's template. Call it once in a file's `beforeAll`, and `drop` in its `afterAll`. */
export const createTestDatabase = async (): Promise<TestDatabase> => {
  const { TEST_POSTGRES_URL, TEST_TEMPLATE } = process.env;
  if (!TEST_POSTGRES_URL || !TEST_TEMPLATE) throw new Error('No test database server: is globalSetup configured?');
  const name = `test_${process.env.JEST_WORKER_ID ?? '0'}_${randomBytes(6).toString('hex')}`;
  await execute(TEST_POSTGRES_URL, `create database ${name} template ${TEST_TEMPLATE}`);
  const url = new URL(TEST_POSTGRES_URL);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => execute(TEST_POSTGRES_URL, `drop database if exists ${name} with (force)`),
  };
};

const execute = async (url: string, statement: string): Promise<void> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
};
