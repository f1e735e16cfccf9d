import { generateKeyPairSync } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify, SignJWT, UnsecuredJWT } from 'jose';
import type { Response } from 'supertest';
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

let fixture: IdentityFixture;

beforeAll(async () => {
  fixture = await startFixture();
});

afterAll(() => fixture.stop());

const login = (body: object, instance = fixture.here): Promise<Response> => loginAt(body, instance);

describe('signing in', () => {
  it('answers the bare OAuth form, and the token says who one is', async () => {
    const response = await login({ email: 'Manager@DEMO.test', password: PASSWORD });
    expect(response.body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 900,
      refresh_token: expect.stringMatching(/^prr_/),
    });
    expect(response.headers['cache-control']).toBe('no-store');
    const me = await fixture.get('/auth/me', (response.body as Tokens).access_token);
    expect(dataOf(me)).toMatchObject({
      type: 'user',
      id: fixture.idOf('manager'),
      organizationId: fixture.demo.organizationId,
      roles: ['manager'],
      permissions: expect.arrayContaining(['rules:publish']),
    });
  });

  it('tells a wrong password and an unknown e-mail alike', async () => {
    const wrong = await login({ email: 'viewer@demo.test', password: 'not it' });
    const unknown = await login({ email: 'nobody@demo.test', password: 'not it' });
    expect(codeOf(wrong)).toEqual([401, 'wrong-credentials']);
    const told = ({ body }: Response): object => ({ ...(body as object), correlationId: undefined });
    expect(told(unknown)).toEqual(told(wrong));
    expect(unknown.headers['www-authenticate']).toBe('Bearer');
  });

  it('asks people of several organizations which one, but only after the password', async () => {
    const choices = [
      { id: fixture.demo.organizationId, slug: 'demo', name: 'demo' },
      { id: fixture.second.organizationId, slug: 'second', name: 'second' },
    ];
    const open = await login({ email: 'both@demo.test', password: PASSWORD });
    expect(codeOf(open)).toEqual([409, 'organization-needed']);
    expect((open.body as { organizations: unknown }).organizations).toEqual(choices);
    const elsewhere = await login({ email: 'both@demo.test', password: PASSWORD, organization: 'platform' });
    expect(codeOf(elsewhere)).toEqual([422, 'unknown-organization']);
    const wrong = await login({ email: 'both@demo.test', password: 'not it', organization: 'second' });
    expect(codeOf(wrong)).toEqual([401, 'wrong-credentials']);
    expect(JSON.stringify(wrong.body)).not.toContain(fixture.second.organizationId);
    for (const organization of ['second', fixture.second.organizationId]) {
      const { access_token: token } = await fixture.tokensOf('both@demo.test', organization);
      expect(dataOf(await fixture.get('/auth/me', token))).toMatchObject({
        organizationId: fixture.second.organizationId,
        roles: ['admin'],
      });
    }
  });

  it.each(['locked@demo.test', 'nobody-at-all@demo.test'])(
    'locks %s after five failures, over all instances',
    async (email) => {
      if (email.startsWith('locked')) await fixture.seed('locked', [person(email, ['owner'])]);
      const attempts: Response[] = [];
      for (let n = 0; n < 5; n++)
        attempts.push(await login({ email, password: 'not it' }, n % 2 ? fixture.here : fixture.there));
      expect(attempts.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
      const locked = await login({ email: email.toUpperCase(), password: PASSWORD });
      expect(codeOf(locked)).toEqual([429, 'locked']);
      expect(Number(locked.headers['retry-after'])).toBeGreaterThan(25);
      await fixture.owner.query("update sign_in_attempts set locked_until = now() - interval '1 second'");
      expect((await login({ email, password: PASSWORD })).status).toBe(email.startsWith('locked') ? 200 : 401);
      await fixture.owner.query('delete from sign_in_attempts');
    },
  );

  it('counts attempts that are sent at once', async () => {
    const responses = await Promise.all(
      Array.from({ length: 12 }, () => login({ email: 'burst@demo.test', password: 'not it' })),
    );
    expect(responses.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(responses.filter(({ status }) => status === 429)).toHaveLength(7);
  });

  it('is limited for each address', async () => {
    const strict = await fixture.start({ RATE_LIMIT_LOGIN_PER_MINUTE: '2' });
    try {
      const body = { email: 'worker@demo.test', password: PASSWORD };
      expect((await login(body, strict)).status).toBe(200);
      expect((await login(body, strict)).status).toBe(200);
      expect(codeOf(await login(body, strict))).toEqual([429, 'rate-limited']);
    } finally {
      await strict.stop();
    }
  });

  it('records sign-ins and failures without e-mail or secret', async () => {
    const begun = await fixture.events('signed-in');
    expect(begun.map(({ payload }) => payload.userId)).toContain(fixture.idOf('manager'));
    await eventually(async () => {
      const failed = await fixture.events('sign-in-failed');
      expect(failed.find(({ subject_id }) => subject_id === fixture.idOf('viewer'))).toMatchObject({
        organization_id: fixture.demo.organizationId,
        payload: { reason: 'wrong-password', route: 'POST /api/v1/auth/login', count: 1, network: expect.any(String) },
      });
    });
  });
});

describe('access tokens', () => {
  it('verify with the published keys', async () => {
    const token = await fixture.tokenOf('viewer@demo.test');
    const response = await at(fixture.there).get('/api/v1/auth/jwks').expect(200);
    const keys = response.body as JSONWebKeySet;
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys), {
      issuer: 'proviso',
    });
    expect(payload).toMatchObject({ sub: fixture.idOf('viewer'), org: fixture.demo.organizationId });
    expect(protectedHeader.kid).toMatch(/^[0-9a-f]{16}$/);
    expect(keys.keys.map((key) => Object.keys(key))).not.toContainEqual(expect.arrayContaining(['d']));
  });

  it('are refused when anybody else made them, or for another organization', async () => {
    const token = await fixture.tokenOf('viewer@demo.test');
    const claims = decodeJwt(token);
    const header = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { alg: string };
    const { privateKey } = generateKeyPairSync('ed25519');
    const forged = [
      new UnsecuredJWT(claims).encode(),
      await new SignJWT(claims).setProtectedHeader(header).sign(privateKey),
      `${token.slice(0, -4)}AAAA`,
      `${token.split('.')[0]}.${Buffer.from(JSON.stringify({ ...claims, org: fixture.second.organizationId })).toString('base64url')}.${token.split('.')[2]}`,
      'prv_nonsense',
      'x',
    ];
    for (const credential of forged) {
      const response = await fixture.get('/auth/me', credential);
      expect(codeOf(response)).toEqual([401, 'credential-refused']);
      expect(response.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    }
  });

  it('are signed with a key that only this account can read', () => {
    expect(statSync(join(fixture.folder, 'jwt-private-key.pem')).mode & 0o777).toBe(0o600);
  });
});

describe('refreshing', () => {
  const refresh = (refreshToken: string, instance = fixture.here): Promise<Response> =>
    at(instance).post('/api/v1/auth/refresh').send({ refreshToken });

  it('gives new tokens for the same session', async () => {
    const first = await fixture.tokensOf('member@demo.test');
    const response = await refresh(first.refresh_token, fixture.there);
    expect(response.status).toBe(200);
    const next = response.body as Tokens;
    expect(next.refresh_token).not.toBe(first.refresh_token);
    expect(decodeJwt(next.access_token).sid).toBe(decodeJwt(first.access_token).sid);
    expect((await fixture.get('/auth/me', next.access_token)).status).toBe(200);
  });

  it('ends the session everywhere when a used token comes back', async () => {
    const first = await fixture.tokensOf('member@demo.test');
    const next = (await refresh(first.refresh_token)).body as Tokens;
    expect((await fixture.get('/auth/me', next.access_token, fixture.there)).status).toBe(200);
    expect(codeOf(await refresh(first.refresh_token))).toEqual([401, 'refresh-token-refused']);
    await expectWithinASecond(401, () => fixture.get('/auth/me', next.access_token, fixture.there));
    expect((await refresh(next.refresh_token)).status).toBe(401);
    expect((await fixture.events('session-revoked')).at(-1)?.payload).toEqual({ reason: 'token-reused' });
  });

  it('lets one of two that come at once through, and takes the other for reuse', async () => {
    const { refresh_token: token } = await fixture.tokensOf('member@demo.test');
    const statuses = (await Promise.all([refresh(token), refresh(token, fixture.there)])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 401]);
  });

  it('takes the token by either name, and by one', async () => {
    const { refresh_token: token } = await fixture.tokensOf('member@demo.test');
    const send = (body: object) => at(fixture.here).post('/api/v1/auth/refresh').send(body);
    expect(codeOf(await send({ refresh_token: token, refreshToken: token }))).toEqual([400, 'invalid-body']);
    expect(codeOf(await send({}))).toEqual([400, 'invalid-body']);
    expect((await send({ refresh_token: token })).status).toBe(200);
  });

  it('refuses what is no refresh token', async () => {
    const id = '0'.repeat(32);
    for (const token of ['x', `prr_${id}_${'a'.repeat(43)}_${'a'.repeat(43)}`]) {
      expect(codeOf(await refresh(token))).toEqual([401, 'refresh-token-refused']);
    }
  });
});

describe('sessions', () => {
  it('are listed, one’s own alone, and ended one by one', async () => {
    await fixture.seed('sessions', [person('sessions@demo.test', ['viewer']), person('others@demo.test', ['owner'])]);
    const { access_token: first } = await fixture.tokensOf('sessions@demo.test');
    const { access_token: other } = await fixture.tokensOf('sessions@demo.test');
    const foreign = await fixture.tokenOf('others@demo.test');
    const list = await fixture.get('/sessions', other);
    const listed = dataOf<{ id: string; isCurrent: boolean }[]>(list);
    expect(listed.map(({ isCurrent }) => isCurrent)).toEqual([true, false]);
    expect((list.body as { pagination: object }).pagination).toMatchObject({ total: 2 });
    const end = (token: string) => at(fixture.here).delete(`/api/v1/sessions/${listed[1]!.id}`).set(bearer(token));
    expect((await end(foreign)).status).toBe(404);
    expect((await fixture.get('/auth/me', first, fixture.there)).status).toBe(200);
    expect((await end(other)).status).toBe(200);
    await expectWithinASecond(401, () => fixture.get('/auth/me', first, fixture.there));
    expect((await fixture.get('/auth/me', other)).status).toBe(200);
  });

  it('end with the logout', async () => {
    const { access_token: token } = await fixture.tokensOf('viewer@demo.test');
    expect((await fixture.post('/auth/logout', token)).body).toEqual({ success: true, message: 'You are signed out.' });
    await expectWithinASecond(401, () => fixture.get('/auth/me', token));
  });
});
