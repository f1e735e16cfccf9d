// What a scenario over HTTP stands on: a PostgreSQL of its own with full durability, and an organization with an owner.
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CommandBus } from '@nestjs/cqrs';
import pg from 'pg';
import { createApplication } from '../../dist/application.js';
import { SeedOrganization } from '../../dist/identity/identity.contract.js';
import { loadConfiguration } from '../../dist/platform/config/configuration.js';
import { provideDatabase } from '../../dist/platform/database/provide-database.js';
import { startEmbeddedPostgres } from '../../dist/platform/embedded/embedded-postgres.js';
import { createLogger } from '../../dist/platform/logging/logger.js';

/** Who signs in to the application under test. */
export const OWNER = { email: 'owner@bench.test', password: randomBytes(12).toString('hex') };

/** Starts the server and fills it. `variables` are the environment of every process of the application. */
export const openEnvironment = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'proviso-bench-'));
  // As root, the server runs under another account and must get through.
  chmodSync(folder, 0o755);
  const postgres = await startEmbeddedPostgres({ folder, log: () => undefined });
  const close = async () => {
    await postgres.stop();
    for (const path of [folder, dirname(postgres.data)]) await rm(path, { recursive: true, force: true });
  };
  try {
    const variables = variablesOf(folder, await createLogin(postgres.url), postgres.url);
    await seed(variables);
    return { folder, variables, ownerUrl: postgres.url, server: await describeServer(postgres.url), close };
  } catch (error) {
    await close();
    throw error;
  }
};

/** A further database on the server of an environment, with an organization as in the first; `variables` lead to it. */
export const openDatabase = async ({ variables, ownerUrl }, name, more = {}) => {
  await query(ownerUrl, `create database ${name}`);
  const at = (url) => Object.assign(new URL(url), { pathname: `/${name}` }).href;
  const own = { ...variables, ...more, DATABASE_URL: at(variables.DATABASE_URL), MIGRATION_DATABASE_URL: at(ownerUrl) };
  await seed(own);
  return { variables: own, ownerUrl: own.MIGRATION_DATABASE_URL };
};

/** An ordinary login, as production asks for. */
const createLogin = async (ownerUrl) => {
  const password = randomBytes(12).toString('hex');
  await query(ownerUrl, `create role bench login password '${password}'`);
  const url = new URL(ownerUrl);
  url.username = 'bench';
  url.password = password;
  return url.href;
};

const variablesOf = (folder, databaseUrl, ownerUrl) => ({
  NODE_ENV: 'production',
  PROCESS_ROLE: 'api',
  HOST: '127.0.0.1',
  DATABASE_URL: databaseUrl,
  MIGRATION_DATABASE_URL: ownerUrl,
  DATA_FOLDER: join(folder, 'data'),
  JWT_PRIVATE_KEY: makeKey(),
  AUDIT_SIGNING_KEY: makeKey(),
  ENCRYPTION_KEY: randomBytes(32).toString('base64'),
  SMTP_URL: 'smtp://127.0.0.1:1',
  // What is measured is the route, not its limit.
  RATE_LIMIT_PER_MINUTE: '100000000',
});

const makeKey = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });

const seed = async (variables) => {
  const given = loadConfiguration({ ...variables, LOG_LEVEL: 'silent' });
  const { configuration } = await provideDatabase(given, () => undefined);
  const app = await createApplication(configuration, createLogger(configuration));
  const people = [{ ...OWNER, name: 'Bench Owner', roles: ['owner'] }];
  const organization = { name: 'Bench', slug: 'bench', people };
  await app.get(CommandBus).execute(new SeedOrganization({ correlationId: randomUUID() }, organization));
  await app.close();
};

/** The settings that decide what a commit costs. */
const describeServer = async (url) => {
  const [row] = await query(
    url,
    `select current_setting('server_version') as version, current_setting('fsync') as fsync,
       current_setting('synchronous_commit') as synchronous_commit`,
  );
  return row;
};

/** Runs one statement as the owner of the database. */
export const query = async (url, text) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
};
