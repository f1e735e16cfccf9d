import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { mappingDrift } from '../../src/platform/database/mapping-drift.js';
import { migrate, migrationStatus } from '../../src/platform/database/migrate.js';
import { startApplication, type TestApplication } from '../support/application.js';

let proviso: TestApplication;

beforeAll(async () => {
  proviso = await startApplication();
});

afterAll(() => proviso.stop());

it('has no migration left to do, and doing them again changes nothing', async () => {
  const status = await migrationStatus(proviso.database.url);
  expect(status.length).toBeGreaterThan(0);
  expect(status.filter(({ executedAt }) => executedAt === undefined)).toEqual([]);
  expect(await migrate(proviso.database.url)).toEqual([]);
});

it('agrees with the mapping, and says where it does not', async () => {
  const orm = proviso.app.get<MikroORM>(MikroORM);
  expect(await mappingDrift(orm)).toEqual([]);
  const client = new pg.Client({ connectionString: proviso.database.url });
  await client.connect();
  try {
    await client.query(
      'alter table rules alter column updated_by drop not null, alter column entry_point type varchar(9)',
    );
    expect(await mappingDrift(orm)).toEqual([
      'rules.entry_point is mapped as text, but is character varying(9).',
      'rules.updated_by is mapped as not null, but is nullable.',
    ]);
  } finally {
    await client.end();
  }
});
