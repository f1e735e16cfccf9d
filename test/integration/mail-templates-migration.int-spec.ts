import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { newId } from '../../src/kernel/id.js';
import { renderMail } from '../../src/workflows/emails/rendering/render-mail.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const MIGRATION = '20261126111000-mail-templates';

/** The tables as they were before. */
const UNDO = `
  alter table emails drop column html, drop column template_id, drop column template_version;
  drop table email_template_versions;
  drop index email_templates_organization_id_name_idx;
  alter table email_templates drop column body, drop column archived_at, alter column text set not null,
    add constraint email_templates_organization_id_name_key unique (organization_id, name);
  delete from schema_migrations where name like '${MIGRATION}%'`;

const organizations = [newId(), newId()];
const subject = 'Hello {{lead.$first}}';
const text = 'Dear {{ lead.$first }} {{a.b-c.0}}{{$top}}, 100 {% off %} {{lead.tags}} {{missing}} $5';

const built = pathToFileURL(join(import.meta.dirname, '../../dist/platform/database/migrate.js')).href;
/** By the build, because migrations are read from where they are compiled to. */
const migrated = (url: string): string[] => {
  const program = `const { migrate } = await import('${built}');
    process.stdout.write(JSON.stringify(await migrate('${url}')));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  return JSON.parse(output) as string[];
};

let database: TestDatabase;
let owner: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  await owner.query(UNDO);
  for (const organizationId of organizations) {
    await owner.query(
      `insert into email_templates (organization_id, id, version, name, subject, text, created_at, updated_at)
       values ($1, $2, 7, 'old', $3, $4, now(), now())`,
      [organizationId, newId(), subject, text],
    );
  }
});

afterAll(async () => {
  await owner.end();
  await database.drop();
});

it('keeps the templates of every organization, with the same mails and a first version', async () => {
  expect(migrated(database.url)).toEqual([expect.stringContaining(MIGRATION)]);
  const { rows } = await owner.query<{ organization_id: string; subject: string; text: string }>(
    `select t.organization_id, v.subject, v.text from email_templates t
     join email_template_versions v on v.template_id = t.id and v.version = t.version
       and (v.organization_id, v.name, v.subject, v.text) = (t.organization_id, t.name, t.subject, t.text)
     where t.version = 7 and t.body is null and v.body is null and v.created_by is null`,
  );
  expect(rows.map(({ organization_id }) => organization_id).toSorted()).toEqual(organizations.toSorted());
  const scope = { lead: { $first: 'Ann', tags: ['x', { y: 1 }] }, a: { 'b-c': ['!'] }, $top: ' (top)' };
  expect(renderMail({ ...rows[0]!, body: null }, scope)).toMatchObject({
    subject: 'Hello Ann',
    text: 'Dear Ann ! (top), 100 {% off %} ["x",{"y":1}]  $5',
  });
  const secured = await owner.query(
    "select relname from pg_class where relname like 'email_template%' and relkind = 'r' and relforcerowsecurity",
  );
  expect(secured.rowCount).toBe(2);
});
