import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MikroORM } from '@mikro-orm/core';
import { CommandBus } from '@nestjs/cqrs';
import pg from 'pg';
import { SeedOrganization } from '../../src/identity/identity.contract.js';
import { Member } from '../../src/identity/users/member.js';
import { Database } from '../../src/platform/database/database.js';
import { createPool } from '../../src/platform/database/pool.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { type IdentityApplication, makeDataFolder, startIdentity } from './identity-application.js';

let database: TestDatabase;
let owner: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
});

afterAll(async () => {
  await owner.end();
  await database.drop();
});

/** Every table of ours that has `organization_id`; a partition is reached through its parent alone. */
const TENANT_TABLES = `
  select class.oid, class.oid::regclass::text as name, class.relrowsecurity, class.relforcerowsecurity, class.relispartition
  from pg_class class
  join pg_attribute attribute on attribute.attrelid = class.oid and attribute.attname = 'organization_id'
  where class.relkind in ('r', 'p') and not attribute.attisdropped
    and class.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'bullmq'::regnamespace)`;

const names = async (query: string): Promise<string[]> => {
  const { rows } = await owner.query<{ name: string }>(`with tenant as (${TENANT_TABLES}) ${query}`);
  return rows.map(({ name }) => name);
};

describe('tables of organizations', () => {
  it('are found', async () => {
    const found = await names('select name from tenant where not relispartition');
    expect(found).toEqual(
      expect.arrayContaining(['memberships', 'sessions', 'api_keys', 'events', 'idempotency_keys']),
    );
  });

  it('enable and force row-level security', async () => {
    const open = 'select name from tenant where not relispartition and not (relrowsecurity and relforcerowsecurity)';
    expect(await names(open)).toEqual([]);
  });

  it('show the application the rows of the current organization alone', async () => {
    const condition = '(organization_id = ( SELECT current_organization_id() AS current_organization_id))';
    const unprotected = `
      select name from tenant where not relispartition and not exists (
        select from pg_policy policy
        where policy.polrelid = tenant.oid and pg_get_expr(policy.polqual, policy.polrelid) = '${condition}'
          and (policy.polroles = '{0}' or 'proviso_app'::regrole = any(policy.polroles)))`;
    expect(await names(unprotected)).toEqual([]);
    const loopholes = `
      select name from tenant join pg_policy policy on policy.polrelid = tenant.oid
      where (policy.polroles = '{0}' or 'proviso_app'::regrole = any(policy.polroles)) and policy.polpermissive
        and (pg_get_expr(policy.polqual, policy.polrelid) is distinct from '${condition}'
          or coalesce(pg_get_expr(policy.polwithcheck, policy.polrelid), '${condition}') <> '${condition}')`;
    expect(await names(loopholes)).toEqual([]);
  });

  it('open no partition to the application, because policies of the parent do not count there', async () => {
    const reachable = `
      select name from tenant
      where relispartition and has_table_privilege('proviso_app', oid, 'select, insert, update, delete')`;
    expect(await names(reachable)).toEqual([]);
  });

  it('refer to one another by (organization_id, x), never by x alone', async () => {
    const plain = `
      select foreign_key.conname || ' of ' || referring.name as name
      from pg_constraint foreign_key
      join tenant referring on referring.oid = foreign_key.conrelid
      join tenant referred on referred.oid = foreign_key.confrelid
      where foreign_key.contype = 'f' and not referring.relispartition and not referred.relispartition
        and not exists (
          select from unnest(foreign_key.conkey, foreign_key.confkey) as pair(here, there)
          join pg_attribute a on a.attrelid = foreign_key.conrelid and a.attnum = pair.here
          join pg_attribute b on b.attrelid = foreign_key.confrelid and b.attnum = pair.there
          where a.attname = 'organization_id' and b.attname = 'organization_id')`;
    expect(await names(plain)).toEqual([]);
  });

  it('keep unique within an organization what is unique, except ids that we made', async () => {
    const global = `
      select index.indexrelid::regclass::text as name
      from tenant join pg_index index on index.indrelid = tenant.oid
      where index.indisunique and not tenant.relispartition
        and (select attname from pg_attribute where attrelid = tenant.oid and attnum = index.indkey[0]) is distinct from 'organization_id'
        and not (index.indisprimary and exists (
          select from pg_attribute
          where attrelid = tenant.oid and attnum = any(index.indkey) and atttypid = 'uuid'::regtype and attname = 'id'))`;
    expect(await names(global)).toEqual([]);
  });
});

describe('what is found before the organization is known', () => {
  it('is found by functions of one role, with a fixed search_path, that the application alone may call', async () => {
    const { rows } = await owner.query<Record<string, unknown>>(`
      select proname as name, proowner::regrole::text as owner, prosecdef, proconfig,
        has_function_privilege('proviso_app', oid, 'execute') as app,
        has_function_privilege('proviso_recorder', oid, 'execute') as recorder
      from pg_proc where pronamespace = 'authentication'::regnamespace order by proname`);
    expect(rows.map(({ name }) => name)).toEqual([
      'ensure_person',
      'find_api_key',
      'find_invitation',
      'find_organization',
      'find_person',
      'find_session',
      'find_workflow_webhook',
    ]);
    for (const row of rows) {
      expect(row).toMatchObject({
        owner: 'proviso_authenticator',
        prosecdef: true,
        proconfig: ['search_path=""'],
        app: true,
        recorder: false,
      });
    }
  });
});

describe('row-level security', () => {
  let folder: { path: string; remove: () => void };
  let instance: IdentityApplication;
  let first: { organizationId: string; userIds: readonly string[] };
  let second: { organizationId: string; userIds: readonly string[] };

  const seed = (slug: string): Promise<{ organizationId: string; userIds: readonly string[] }> => {
    const people = [{ email: `owner@${slug}.test`, name: slug, roles: ['owner' as const], password: 'demo-password' }];
    const command = new SeedOrganization({ correlationId: 'isolation' }, { name: slug, slug, people });
    return instance.app.get(CommandBus).execute(command);
  };

  beforeAll(async () => {
    folder = makeDataFolder();
    instance = await startIdentity(database.url, folder.path);
    first = await seed('first');
    second = await seed('other');
  });

  afterAll(async () => {
    await instance.stop();
    folder.remove();
  });

  const within = <R>(work: Parameters<Database['transaction']>[1]): Promise<R> =>
    instance.app.get(Database).transaction(first.organizationId, work) as Promise<R>;

  it('holds when the filter of the mapping is off', async () => {
    const members = await within<Member[]>((em) => em.find(Member, {}, { filters: { organization: false } }));
    expect(members.map(({ id }) => id)).toEqual(first.userIds);
    const changed = await within<number>((em) =>
      em.nativeUpdate(
        Member,
        { organizationId: second.organizationId },
        { name: 'taken' },
        { filters: { organization: false } },
      ),
    );
    expect(changed).toBe(0);
  });

  it('is doubled by the filter, which holds by itself', async () => {
    const em = instance.app.get(MikroORM).em.fork({
      session: { variables: { 'app.organization_id': second.organizationId } },
    });
    await expect(em.find(Member, {})).rejects.toThrow('No arguments provided');
    em.setFilterParams('organization', { id: first.organizationId });
    expect(await em.find(Member, {})).toEqual([]);
    expect(await em.find(Member, {}, { filters: { organization: false } })).toHaveLength(1);
  });

  it('lets nobody write a row of another organization', async () => {
    const forged = within((em) =>
      em.execute(
        `insert into api_keys (id, organization_id, name, secret_hash, permissions, created_at, expires_at)
         values (gen_random_uuid(), ?, 'forged', '', array['users:read'], now(), now())`,
        [second.organizationId],
      ),
    );
    await expect(forged).rejects.toMatchObject({ code: '42501' });
    const walking = within((em) =>
      em.execute(
        `insert into invitations (id, organization_id, user_id, secret_hash, created_at, expires_at)
         values (gen_random_uuid(), ?, ?, '', now(), now())`,
        [first.organizationId, second.userIds[0]],
      ),
    );
    await expect(walking).rejects.toMatchObject({ code: '23503' });
  });

  it('shows people through a membership alone, and nothing without an organization', async () => {
    const people = await within<{ id: string }[]>((em) => em.execute('select id from users'));
    expect(people.map(({ id }) => id)).toEqual(first.userIds);
    const pool = createPool(database.url, { role: 'app', max: 1 });
    try {
      for (const table of ['users', 'memberships', 'organizations', 'events']) {
        const { rows } = await pool.query(`select from ${table}`);
        expect(rows).toEqual([]);
      }
      await expect(
        pool.query("insert into users (id, email, folded_email) values (gen_random_uuid(), 'a', 'a')"),
      ).rejects.toMatchObject({
        code: '42501',
      });
    } finally {
      await pool.end();
    }
  });
});
