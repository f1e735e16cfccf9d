import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CommandBus } from '@nestjs/cqrs';
import type { Response } from 'supertest';
import { CreateOpsKey, CreateOrganization, type Role } from '../../src/identity/identity.contract.js';
import { eventually } from '../support/eventually.js';
import {
  at,
  bearer,
  codeOf,
  dataOf,
  expectWithinASecond,
  type IdentityFixture,
  login as loginAt,
  PASSWORD,
  person,
  startFixture,
  type Tokens,
} from './identity-fixture.js';

const trail = { correlationId: 'identity-suite' };

let fixture: IdentityFixture;

beforeAll(async () => {
  fixture = await startFixture();
});

afterAll(() => fixture.stop());

const login = (body: object): Promise<Response> => loginAt(body, fixture.here);

describe('permissions', () => {
  it('are asked for on every route, and what is missing is named', async () => {
    const anonymous = await at(fixture.here).get('/api/v1/users');
    expect(codeOf(anonymous)).toEqual([401, 'credential-missing']);
    expect(anonymous.headers['www-authenticate']).toBe('Bearer');
    const refused = await fixture.get('/users', await fixture.tokenOf('member@demo.test'));
    expect(codeOf(refused)).toEqual([403, 'permission-missing']);
    expect(refused.body).toMatchObject({ permission: 'users:read' });
    expect(refused.headers['ratelimit']).toMatch(/^"minute";r=59\d{3};t=\d+$/);
  });

  it('change everywhere within a second of the role, in running sessions too', async () => {
    await fixture.seed('promotion', [person('boss@demo.test', ['owner']), person('junior@demo.test', ['member'])]);
    const [boss, junior] = [await fixture.tokenOf('boss@demo.test'), await fixture.tokenOf('junior@demo.test')];
    const { id } = dataOf<{ id: string }>(await fixture.get('/auth/me', junior));
    const put = (given: Role[]) =>
      at(fixture.here).put(`/api/v1/users/${id}/roles`).set(bearer(boss)).send({ roles: given });
    expect((await fixture.get('/users', junior, fixture.there)).status).toBe(403);
    expect(dataOf(await put(['manager']))).toMatchObject({ roles: ['manager'], version: 2 });
    await expectWithinASecond(200, () => fixture.get('/users', junior, fixture.there));
    await put(['viewer']);
    await expectWithinASecond(403, () => fixture.get('/users', junior, fixture.there));
    expect((await fixture.events('user-roles-changed')).at(-1)).toMatchObject({
      subject_id: id,
      payload: { before: ['manager'], after: ['viewer'] },
    });
  });

  it('write refusals down: the first at once', async () => {
    const token = await fixture.tokenOf('worker@demo.test');
    for (let n = 0; n < 5; n++) await fixture.get('/api-keys', token);
    const written = await eventually(async () => {
      const all = await fixture.events('access-refused');
      const found = all.filter(({ subject_id }) => subject_id === fixture.idOf('worker'));
      expect(found).not.toEqual([]);
      return found;
    });
    expect(written).toHaveLength(1);
    expect(written[0]!.payload).toMatchObject({
      route: 'GET /api/v1/api-keys',
      reason: 'permission-missing api-keys:read',
      count: 1,
    });
  });

  it('limit what one actor may call', async () => {
    const strict = await fixture.start({ RATE_LIMIT_PER_MINUTE: '2' });
    try {
      const token = await fixture.tokenOf('viewer@demo.test');
      expect((await fixture.get('/auth/me', token, strict)).headers['ratelimit']).toMatch(/;r=1;/);
      await fixture.get('/auth/me', token, strict);
      const limited = await fixture.get('/auth/me', token, strict);
      expect(codeOf(limited)).toEqual([429, 'rate-limited']);
      expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
    } finally {
      await strict.stop();
    }
  });
});

describe('users', () => {
  const invite = (token: string, body: object, headers = {}): Promise<Response> =>
    fixture.post('/users', token, body, headers);
  const accept = (token: string, password: string): Promise<Response> =>
    at(fixture.here).post('/api/v1/auth/invitations/accept').send({ token, password });

  it('come by invitation, once', async () => {
    const admin = await fixture.tokenOf('admin@demo.test');
    const dana = { email: 'Dana@Example.com', name: 'Dana Ito', roles: ['member'] };
    const first = dataOf<{ userId: string; invitationToken: string }>(await invite(admin, dana));
    const again = dataOf<{ userId: string; invitationToken: string }>(
      await invite(admin, { ...dana, roles: ['viewer'] }),
    );
    expect(again.userId).toBe(first.userId);
    expect(codeOf(await accept(first.invitationToken, 'a long password'))).toEqual([422, 'invalid-invitation']);
    expect((await login({ email: dana.email, password: 'a long password' })).status).toBe(401);
    expect(dataOf(await accept(again.invitationToken, 'a long password'))).toEqual({
      organizationId: fixture.demo.organizationId,
      userId: first.userId,
    });
    expect(codeOf(await accept(again.invitationToken, 'a long password'))).toEqual([422, 'invalid-invitation']);
    expect((await login({ email: 'dana@example.COM', password: 'a long password' })).status).toBe(200);
    expect(dataOf(await fixture.get(`/users/${first.userId}`, admin))).toMatchObject({
      status: 'active',
      roles: ['viewer'],
    });
    expect(codeOf(await invite(admin, dana))).toEqual([409, 'not-possible-now']);
  });

  it('prove an account that they have already: an invitation does not take it over', async () => {
    const admin = await fixture.tokenOf('admin@demo.test');
    const email = 'owner@second.test';
    const invited = dataOf<{ userId: string; invitationToken: string }>(
      await invite(admin, { email, name: 'Somebody', roles: ['member'] }),
    );
    expect(invited.userId).toBe(fixture.second.userIds[0]);
    expect(codeOf(await accept(invited.invitationToken, 'chosen by another'))).toEqual([401, 'wrong-password']);
    expect((await accept(invited.invitationToken, PASSWORD)).status).toBe(200);
    expect((await login({ email, password: PASSWORD, organization: 'demo' })).status).toBe(200);
    expect((await login({ email, password: 'chosen by another', organization: 'demo' })).status).toBe(401);
  });

  it('are invited once for an Idempotency-Key, and the secret is not repeated', async () => {
    const admin = await fixture.tokenOf('admin@demo.test');
    const body = { email: 'once@example.com', name: 'Once', roles: ['viewer'] };
    const first = await invite(admin, body, { 'Idempotency-Key': 'invite-once' });
    expect(first.status).toBe(201);
    const { userId } = dataOf<{ userId: string }>(first);
    const repeated = await invite(admin, body, { 'Idempotency-Key': 'invite-once' });
    expect(codeOf(repeated)).toEqual([409, 'already-done']);
    expect(repeated.body).toMatchObject({ address: `/api/v1/users/${userId}` });
  });

  it('are not given more than the giver may do, nor changed by themselves', async () => {
    const admin = await fixture.tokenOf('admin@demo.test');
    const put = (token: string, id: string, body: object, headers = {}) =>
      at(fixture.here)
        .put(`/api/v1/users/${id}/roles`)
        .set({ ...bearer(token), ...headers })
        .send(body);
    const toOwner = await invite(admin, { email: 'new@example.com', name: 'New', roles: ['owner'] });
    expect(codeOf(toOwner)).toEqual([403, 'role-not-grantable']);
    expect(codeOf(await put(admin, fixture.idOf('owner'), { roles: ['viewer'] }))).toEqual([403, 'role-not-grantable']);
    expect(codeOf(await put(admin, fixture.idOf('admin'), { roles: ['viewer'] }))).toEqual([409, 'own-membership']);
    expect(codeOf(await put(admin, fixture.idOf('viewer'), { roles: ['king'] }))).toEqual([422, 'unknown-role']);
    expect(codeOf(await put(admin, fixture.idOf('viewer'), { roles: [] }))).toEqual([422, 'unknown-role']);
    const stale = await put(admin, fixture.idOf('viewer'), { roles: ['member'] }, { 'If-Match': '"7"' });
    expect(codeOf(stale)).toEqual([412, 'stale-version']);
  });

  it('are signed out everywhere within a second when deactivated, until reactivated', async () => {
    await fixture.seed('leaving', [person('stays@demo.test', ['owner']), person('leaves@demo.test', ['manager'])]);
    const [stays, leaves] = [await fixture.tokenOf('stays@demo.test'), await fixture.tokensOf('leaves@demo.test')];
    const { id } = dataOf<{ id: string }>(await fixture.get('/auth/me', leaves.access_token, fixture.there));
    expect(dataOf(await fixture.post(`/users/${id}/deactivate`, stays))).toMatchObject({ status: 'deactivated' });
    await expectWithinASecond(401, () => fixture.get('/auth/me', leaves.access_token, fixture.there));
    const refreshed = await at(fixture.here).post('/api/v1/auth/refresh').send({ refreshToken: leaves.refresh_token });
    expect(refreshed.status).toBe(401);
    expect((await login({ email: 'leaves@demo.test', password: PASSWORD })).status).toBe(401);
    expect(codeOf(await fixture.post(`/users/${id}/deactivate`, stays))).toEqual([409, 'not-possible-now']);
    expect(dataOf(await fixture.post(`/users/${id}/reactivate`, stays))).toMatchObject({ status: 'active' });
    expect((await fixture.get('/auth/me', leaves.access_token)).status).toBe(401);
    expect((await login({ email: 'leaves@demo.test', password: PASSWORD })).status).toBe(200);
  });

  it('always include an owner who can sign in', async () => {
    await fixture.seed('lone', [person('lone@demo.test', ['owner'])]);
    const lone = await fixture.tokenOf('lone@demo.test');
    const me = dataOf<{ id: string; permissions: string[] }>(await fixture.get('/auth/me', lone));
    const key = dataOf<{ token: string }>(
      await fixture.post('/api-keys', lone, {
        name: 'all powers',
        permissions: me.permissions,
        expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
      }),
    );
    expect(codeOf(await fixture.post(`/users/${me.id}/deactivate`, key.token))).toEqual([409, 'last-owner']);
  });

  it('are listed page by page, by filter, and by cursor without gap', async () => {
    const token = await fixture.tokenOf('auditor@demo.test');
    const all = await fixture.get('/users?limit=100', token);
    const ids = dataOf<{ id: string }[]>(all).map(({ id }) => id);
    expect((all.body as { pagination: object }).pagination).toEqual({
      total: ids.length,
      page: 1,
      pages: 1,
      limit: 100,
    });
    const walked: string[] = [];
    let cursor: string | undefined;
    do {
      const response = await fixture.get(`/users?limit=3${cursor ? `&cursor=${cursor}` : ''}`, token);
      walked.push(...dataOf<{ id: string }[]>(response).map(({ id }) => id));
      cursor = (response.body as { pagination: { nextCursor?: string } }).pagination.nextCursor;
    } while (cursor);
    expect(walked).toEqual(ids);
    const pageTwo = await fixture.get('/users?limit=3&page=2', token);
    expect(dataOf<{ id: string }[]>(pageTwo).map(({ id }) => id)).toEqual(ids.slice(3, 6));
    expect(dataOf(await fixture.get('/users?role=auditor&status=active', token))).toEqual([
      expect.objectContaining({ id: fixture.idOf('auditor'), email: 'auditor@demo.test' }),
    ]);
    expect(codeOf(await fixture.get('/users?cursor=WyJ4Il0', token))).toEqual([400, 'bad-cursor']);
  });
});

describe('API keys', () => {
  const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();
  const create = (token: string, body: object, headers = {}): Promise<Response> =>
    fixture.post('/api-keys', token, { name: 'Web shop', expiresAt: inAnHour(), ...body }, headers);

  it('do what they were given, until they are revoked', async () => {
    const admin = await fixture.tokenOf('admin@demo.test');
    const created = await create(admin, { permissions: ['users:read'] });
    expect(created.status).toBe(201);
    const { id, token } = dataOf<{ id: string; token: string }>(created);
    expect((await fixture.get('/users', token, fixture.there)).status).toBe(200);
    expect((await at(fixture.there).get('/api/v1/users').set('X-Api-Key', token)).status).toBe(200);
    expect((await fixture.get('/api-keys', token, fixture.there)).status).toBe(403);
    expect((await fixture.get('/users', `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)).status).toBe(401);
    const used = await eventually(async () => {
      const key = dataOf<object>(await fixture.get(`/api-keys/${id}`, admin));
      expect(key).toMatchObject({ lastUsedAt: expect.any(String) });
      return key;
    });
    expect(used).toMatchObject({ prefix: token.slice(0, 36), permissions: ['users:read'], revokedAt: null });
    expect(JSON.stringify(used)).not.toContain(token.slice(37));
    await at(fixture.here).delete(`/api/v1/api-keys/${id}`).set(bearer(admin)).expect(200);
    await expectWithinASecond(401, () => fixture.get('/users', token, fixture.there));
  });

  it('can do no more than who made them, and nothing for ever', async () => {
    const admin = await fixture.tokenOf('admin@demo.test');
    expect(codeOf(await create(admin, { permissions: ['organizations:write'] }))).toEqual([
      403,
      'permission-not-grantable',
    ]);
    expect(codeOf(await create(admin, { permissions: ['ops:read'] }))).toEqual([422, 'unknown-permission']);
    expect(codeOf(await create(admin, { permissions: [] }))).toEqual([422, 'unknown-permission']);
    for (const expiresAt of ['2020-01-01T00:00:00Z', '2999-01-01T00:00:00Z']) {
      expect(codeOf(await create(admin, { permissions: ['users:read'], expiresAt }))).toEqual([422, 'bad-expiry']);
    }
  });

  it('are made once for an Idempotency-Key, and the secret is not repeated', async () => {
    const admin = await fixture.tokenOf('admin@demo.test');
    const body = { permissions: ['users:read'], expiresAt: inAnHour() };
    const first = await create(admin, body, { 'Idempotency-Key': 'key-once' });
    const { id, token } = dataOf<{ id: string; token: string }>(first);
    const repeated = await create(admin, body, { 'Idempotency-Key': 'key-once' });
    expect(codeOf(repeated)).toEqual([409, 'already-done']);
    expect(repeated.body).toMatchObject({ address: `/api/v1/api-keys/${id}` });
    const { rows } = await fixture.owner.query('select body from idempotency_keys where body::text like $1', [
      `%${token.slice(0, 36)}%`,
    ]);
    expect(rows).toEqual([]);
  });

  it('stop working when they expire', async () => {
    const admin = await fixture.tokenOf('admin@demo.test');
    const expiresAt = new Date(Date.now() + 700).toISOString();
    const { token } = dataOf<{ token: string }>(await create(admin, { permissions: ['users:read'], expiresAt }));
    expect((await fixture.get('/users', token)).status).toBe(200);
    await sleep(750);
    expect((await fixture.get('/users', token)).status).toBe(401);
  });

  it('of the platform see what spans organizations, and no organization', async () => {
    const command = new CreateOpsKey(trail, 'operations', new Date(Date.now() + 3_600_000));
    const { token } = await fixture.here.app.get(CommandBus).execute(command);
    const refused = await fixture.get('/users', token);
    expect(codeOf(refused)).toEqual([403, 'permission-missing']);
    expect((await at(fixture.here).get('/metrics').set(bearer(token))).status).toBe(200);
  });
});

describe('organizations', () => {
  it('are renamed by owners, at the version they saw', async () => {
    const token = await fixture.tokenOf('owner@demo.test');
    const read = await fixture.get('/organizations/current', token);
    expect(dataOf(read)).toMatchObject({ id: fixture.demo.organizationId, name: 'demo', slug: 'demo', version: 1 });
    expect(read.headers.etag).toBe('"1"');
    const patch = (name: string, version: string) =>
      at(fixture.here)
        .patch('/api/v1/organizations/current')
        .set({ ...bearer(token), 'If-Match': version })
        .send({ name });
    expect(dataOf(await patch('Demo Kitchens', '"1"'))).toMatchObject({
      name: 'Demo Kitchens',
      slug: 'demo',
      version: 2,
    });
    expect(codeOf(await patch('Other', '"1"'))).toEqual([412, 'stale-version']);
    expect(
      (
        await at(fixture.here)
          .patch('/api/v1/organizations/current')
          .set(bearer(await fixture.tokenOf('admin@demo.test')))
      ).status,
    ).toBe(403);
  });

  it('are made by operations, and their owner comes by invitation', async () => {
    const commands = fixture.here.app.get(CommandBus);
    const input = { name: 'Nový Obchod', ownerEmail: 'founder@example.com' };
    const created = await commands.execute(new CreateOrganization(trail, input));
    expect(created.slug).toBe('novy-obchod');
    const body = { token: created.invitationToken, password: 'a long password' };
    await at(fixture.here).post('/api/v1/auth/invitations/accept').send(body).expect(200);
    const response = await login({ email: 'founder@example.com', password: 'a long password' });
    expect(dataOf(await fixture.get('/auth/me', (response.body as Tokens).access_token))).toMatchObject({
      organizationId: created.organizationId,
      roles: ['owner'],
    });
    await expect(commands.execute(new CreateOrganization(trail, input))).rejects.toMatchObject({ code: 'slug-taken' });
    await expect(commands.execute(new CreateOrganization(trail, { ...input, name: '!' }))).rejects.toMatchObject({
      code: 'bad-slug',
    });
  });

  it('do not see one another', async () => {
    const token = (await fixture.tokensOf('owner@second.test', 'second')).access_token;
    expect((await fixture.get(`/users/${fixture.idOf('viewer')}`, token)).status).toBe(404);
    expect((await fixture.post(`/users/${fixture.idOf('viewer')}/deactivate`, token)).status).toBe(404);
    const emails = dataOf<{ email: string }[]>(await fixture.get('/users', token)).map(({ email }) => email);
    expect(emails.sort()).toEqual(['both@demo.test', 'owner@second.test']);
    expect(dataOf(await fixture.get('/api-keys', token))).toEqual([]);
  });
});

describe('secrets', () => {
  it('stand neither in events nor in tables', async () => {
    const { rows } = await fixture.owner.query<{ text: string }>(
      "select string_agg(convert_from(payload, 'UTF8'), ' ') as text from events where type like 'identity.%'",
    );
    expect(rows[0]!.text).not.toMatch(/@|pr[vri]_|\$argon2|"password/);
    const { rows: users } = await fixture.owner.query<{ password_hash: string }>(
      'select password_hash from users where password_hash is not null',
    );
    for (const { password_hash: hash } of users) expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('leave the rest of the refusals counted when an instance stops', async () => {
    const stopping = await fixture.start();
    const token = await fixture.tokenOf('viewer@demo.test');
    for (let n = 0; n < 4; n++) await fixture.get('/api-keys', token, stopping);
    await stopping.stop();
    const counted = (await fixture.events('access-refused')).filter(
      ({ subject_id }) => subject_id === fixture.idOf('viewer'),
    );
    expect(counted.map(({ payload }) => payload.count).sort()).toEqual([1, 3]);
  });
});
