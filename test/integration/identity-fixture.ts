import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { CommandBus } from '@nestjs/cqrs';
import pg from 'pg';
import request, { type Response } from 'supertest';
import {
  type Role,
  roles,
  type SeededOrganization,
  SeedOrganization,
  type SeedPerson,
} from '../../src/identity/identity.contract.js';
import { createTestDatabase } from '../support/test-database.js';
import { type IdentityApplication, makeDataFolder, startIdentity } from './identity-application.js';

export const PASSWORD = 'demo-password';

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** An event as it stands in the store. */
export interface StoredEvent {
  readonly organization_id: string;
  readonly subject_id: string;
  readonly payload: Record<string, unknown>;
}

export const person = (email: string, held: readonly Role[]): SeedPerson => ({
  email,
  name: email.split('@')[0]!,
  roles: held,
  password: PASSWORD,
});

export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
export const at = (instance: IdentityApplication) => request(instance.app.getHttpServer());
export const dataOf = <T>(response: Response): T => (response.body as { data: T }).data;
export const codeOf = ({ status, body }: Response): [number, unknown] => [status, (body as { code?: string }).code];

export const login = async (body: object, instance: IdentityApplication): Promise<Response> =>
  at(instance).post('/api/v1/auth/login').send(body);

/** Asks until the answer has this status; fails when that takes a second. */
export async function expectWithinASecond(status: number, ask: () => Promise<Response>): Promise<void> {
  const deadline = Date.now() + 1000;
  let last = await ask();
  while (last.status !== status && Date.now() < deadline) {
    await sleep(20);
    last = await ask();
  }
  expect(last.status).toBe(status);
}

/** Two instances on one database, as behind a balancer, and two organizations in it. */
export async function startFixture() {
  const database = await createTestDatabase();
  const folder = makeDataFolder();
  const owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  const start = (environment?: Record<string, string>) => startIdentity(database.url, folder.path, environment);
  const [here, there] = await Promise.all([start(), start()]);
  const seed = (slug: string, people: SeedPerson[]): Promise<SeededOrganization> =>
    here.app
      .get(CommandBus)
      .execute(new SeedOrganization({ correlationId: 'identity-suite' }, { name: slug, slug, people }));
  const everyRole = roles.map((role) => person(`${role}@demo.test`, [role]));
  const demo = await seed('demo', [...everyRole, person('both@demo.test', ['member'])]);
  const second = await seed('second', [person('owner@second.test', ['owner']), person('both@demo.test', ['admin'])]);

  const tokensOf = async (email: string, organization?: string): Promise<Tokens> => {
    const response = await login({ email, password: PASSWORD, organization }, here);
    expect(response.status).toBe(200);
    return response.body as Tokens;
  };
  const accessTokens = new Map<string, Promise<string>>();
  return {
    folder: folder.path,
    owner,
    here,
    there,
    demo,
    second,
    start,
    seed,
    /** A new session. */
    tokensOf,
    /** The token of one session that all tests of the file share. */
    tokenOf: (email: string): Promise<string> => {
      const token = accessTokens.get(email) ?? tokensOf(email).then(({ access_token: given }) => given);
      accessTokens.set(email, token);
      return token;
    },
    /** Id of the one with this role in the organization `demo`. */
    idOf: (role: Role): string => demo.userIds[roles.indexOf(role)]!,
    get: async (path: string, token: string, instance = here): Promise<Response> =>
      at(instance).get(`/api/v1${path}`).set(bearer(token)),
    post: async (path: string, token: string, body: object = {}, headers: object = {}): Promise<Response> =>
      at(here)
        .post(`/api/v1${path}`)
        .set({ ...bearer(token), ...headers })
        .send(body),
    /** The events of a type, `identity.` left out, in order. */
    events: async (type: string): Promise<StoredEvent[]> => {
      const { rows } = await owner.query<StoredEvent>(
        `select organization_id, subject_id, convert_from(payload, 'UTF8')::jsonb as payload
         from events where type = $1 order by position`,
        [`identity.${type}`],
      );
      return rows;
    },
    stop: async (): Promise<void> => {
      await Promise.all([here.stop(), there.stop()]);
      await owner.end();
      await database.drop();
      folder.remove();
    },
  };
}

export type IdentityFixture = Awaited<ReturnType<typeof startFixture>>;
