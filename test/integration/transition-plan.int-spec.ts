import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { databaseRoles } from '../../src/platform/database/roles.js';
import { STEP_STATEMENT } from '../../src/workflows/executions/transition-statement.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`set role ${databaseRoles.app}`);
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

interface Plan {
  readonly 'Relation Name'?: string;
  readonly 'Node Type': string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly Plan[];
}

const scansIn = (plan: Plan): Plan[] => [
  ...(plan['Node Type'].includes('Scan') && plan['Relation Name'] !== undefined ? [plan] : []),
  ...(plan.Plans ?? []).flatMap(scansIn),
];

it('finds executions and runs by their keys in a plan that was made when the tables were empty', async () => {
  const { rows } = await client.query<{ 'QUERY PLAN': readonly { Plan: Plan }[] }>(
    `explain (generic_plan, format json) ${STEP_STATEMENT}`,
  );
  const scans = scansIn(rows[0]!['QUERY PLAN'][0]!.Plan).filter(({ 'Relation Name': table }) =>
    ['workflow_executions', 'workflow_step_runs'].includes(table!),
  );
  expect(scans.length).toBeGreaterThanOrEqual(4);
  // A condition on the organization alone would read everything that it has, at every step.
  for (const { 'Index Cond': condition } of scans) expect(condition).toMatch(/\b(id|execution_id) = /);
});
