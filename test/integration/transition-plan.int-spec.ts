import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { databaseRoles } from '../../src/platform/database/roles.js';
import { PLAIN_STATEMENT } from '../../src/workflows/executions/plain-transitions-statement.js';
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
  /** Of rows that were found by a bitmap of an index. */
  readonly 'Recheck Cond'?: string;
  readonly Plans?: readonly Plan[];
}

const scansIn = (plan: Plan): Plan[] => [
  ...(plan['Node Type'].includes('Scan') && plan['Relation Name'] !== undefined ? [plan] : []),
  ...(plan.Plans ?? []).flatMap(scansIn),
];

it.each([STEP_STATEMENT, PLAIN_STATEMENT])(
  '$name finds rows by their keys in a plan made when the tables were empty',
  async ({ text }) => {
    const { rows } = await client.query<{ 'QUERY PLAN': readonly { Plan: Plan }[] }>(
      `explain (generic_plan, format json) ${text}`,
    );
    const scans = scansIn(rows[0]!['QUERY PLAN'][0]!.Plan).filter(({ 'Relation Name': table }) =>
      ['workflow_executions', 'workflow_step_runs'].includes(table!),
    );
    expect(scans.length).toBeGreaterThanOrEqual(3);
    // A condition on the organization alone would read everything that it has, at every step.
    for (const { 'Index Cond': condition, 'Recheck Cond': found } of scans) {
      expect(condition ?? found).toMatch(/\b(id|execution_id) = /);
    }
  },
);
