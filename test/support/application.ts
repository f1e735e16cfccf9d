import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import request, { type Test } from 'supertest';
import { createApplication } from '../../src/application.js';
import { loadConfiguration } from '../../src/platform/config/configuration.js';
import { createLogger } from '../../src/platform/logging/logger.js';
import { DEMO_PASSWORD, seedDemo } from '../../src/seed/demo.js';
import { ownQueues } from './own-queues.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

type TestServer = ReturnType<NestFastifyApplication['getHttpServer']>;

const people = [
  'owner@demo.test',
  'manager@demo.test',
  'member@demo.test',
  'auditor@demo.test',
  'owner@second.test',
] as const;

export type DemoPerson = (typeof people)[number];

/** The whole application in this process, on a database of its own that holds the demo organizations. */
export interface TestApplication {
  readonly app: NestFastifyApplication;
  readonly database: TestDatabase;
  /** Access token of one of the demo people. */
  token(email: DemoPerson): string;
  /** A request to a route below `/api/v1`, as somebody, `owner@demo.test` unless named. */
  call(method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, email?: DemoPerson): Test;
  stop(): Promise<void>;
}

/** Starts the application with further environment variables; queues are where the run wants them. */
export async function startApplication(environment: Record<string, string> = {}): Promise<TestApplication> {
  const database = await createTestDatabase();
  const folder = await mkdtemp(join(process.env.TEST_FOLDER!, 'data-'));
  const configuration = loadConfiguration({
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    DATABASE_URL: database.url,
    DATA_FOLDER: folder,
    DB_POOL_SIZE: '4',
    RATE_LIMIT_LOGIN_PER_MINUTE: '100000',
    RATE_LIMIT_ADDRESS_PER_MINUTE: '1000000',
    RATE_LIMIT_PER_MINUTE: '1000000',
    ...(process.env.TEST_QUEUE_URL && { QUEUE_URL: ownQueues(process.env.TEST_QUEUE_URL) }),
    ...environment,
  });
  const logger = createLogger(configuration);
  const app = await createApplication(configuration, logger);
  await seedDemo(app, logger);
  await app.getHttpAdapter().getInstance().ready();
  const server = app.getHttpServer();
  const tokens = new Map(await Promise.all(people.map(async (email) => [email, await signIn(server, email)] as const)));
  const token = (email: DemoPerson): string => tokens.get(email)!;
  return {
    app,
    database,
    token,
    call: (method, path, email = 'owner@demo.test') =>
      request(server)[method](`/api/v1${path}`).auth(token(email), { type: 'bearer' }),
    stop: async () => {
      await app.close();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function signIn(server: TestServer, email: string): Promise<string> {
  const response = await request(server)
    .post('/api/v1/auth/login')
    .send({ email, password: DEMO_PASSWORD })
    .expect(200);
  return (response.body as { access_token: string }).access_token;
}
