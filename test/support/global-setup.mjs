import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensure } from '../../scripts/ensure.mjs';
import { root } from '../../scripts/build.mjs';
import { importBuilt, makeTestFolder, removeLeftovers } from './test-folders.mjs';

/**
 * One PostgreSQL for the run, and in it one migrated database that every test file's own is copied from. The suites
 * find them in `TEST_POSTGRES_URL` (owner) and `TEST_TEMPLATE`, and a folder for all that they make themselves in
 * `TEST_FOLDER`: it goes with the run, and after a kill with the next one, servers of its own included.
 */
export default async () => {
  await compile();
  await removeLeftovers();
  const { startEmbeddedPostgres } = await importBuilt('platform/embedded/embedded-postgres.js');
  const folder = await makeTestFolder();
  const postgres = await startEmbeddedPostgres({ folder, log: () => undefined, disposable: true });
  globalThis.testRun = { folder, postgres };
  process.env.TEST_FOLDER = folder;
  process.env.TEST_POSTGRES_URL = postgres.url;
  process.env.TEST_TEMPLATE = 'template_proviso';
  await makeTemplate(postgres.url, process.env.TEST_TEMPLATE);
};

// Whoever calls jest directly tests what stands in the folder as well.
const compile = async () => {
  try {
    await ensure({ development: true });
  } catch (error) {
    if (!existsSync(join(root, 'dist', '.stamp'))) throw error;
    process.stderr.write(`Not compiled, the former dist is used: ${error.message}\n`);
  }
};

const makeTemplate = async (ownerUrl, template) => {
  const { Client } = await import('pg');
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  await client.query(`create database ${template}`).finally(() => client.end());
  const url = new URL(ownerUrl);
  url.pathname = `/${template}`;
  const { migrate } = await importBuilt('platform/database/migrate.js');
  await migrate(url.href);
};
