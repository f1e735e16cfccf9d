import { Module } from '@nestjs/common';
import { CommandBus, CqrsModule } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import pg from 'pg';
import request, { type Response } from 'supertest';
import { AuditModule } from '../../src/audit/audit.module.js';
import { DeliveryModule } from '../../src/audit/delivery/delivery.module.js';
import { ErasureModule } from '../../src/audit/erasure/erasure.module.js';
import { CrmModule } from '../../src/crm/crm.module.js';
import { type SeededOrganization, SeedOrganization, type SeedPerson } from '../../src/identity/identity.contract.js';
import { IdentityModule } from '../../src/identity/identity.module.js';
import { CacheModule } from '../../src/platform/cache/cache.module.js';
import { ConfigModule } from '../../src/platform/config/config.module.js';
import { loadConfiguration } from '../../src/platform/config/configuration.js';
import { DatabaseModule } from '../../src/platform/database/database.module.js';
import { HealthModule } from '../../src/platform/health/health.module.js';
import { applicationOptions, configureHttp, createAdapter } from '../../src/platform/http/configure-http.js';
import { HttpModule } from '../../src/platform/http/http.module.js';
import { createLogger } from '../../src/platform/logging/logger.js';
import { LoggingModule } from '../../src/platform/logging/logging.module.js';
import { MetricsModule } from '../../src/platform/metrics/metrics.module.js';
import { QueueModule } from '../../src/platform/queue/queue.module.js';
import { RulesModule } from '../../src/rules/rules.module.js';
import { eventually } from '../support/eventually.js';
import { createTestDatabase } from '../support/test-database.js';
import { makeDataFolder } from './identity-application.js';

const PASSWORD = 'demo-password';

/** An import as it is told. */
export interface Import {
  readonly id: string;
  readonly status: string;
  readonly counts: { total: number; created: number; duplicate: number; rejected: number };
  readonly progress: number;
  readonly failure: string | null;
}

/** An event as it stands in the store. */
export interface StoredEvent {
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly subject_id: string;
  readonly actor_id: string;
  readonly correlation_id: string;
  readonly causation_id: string | null;
  readonly depth: number;
  readonly payload: Record<string, unknown>;
}

export const dataOf = <T = Record<string, unknown>>(response: Response): T => (response.body as { data: T }).data;
export const codeOf = ({ status, body }: Response): [number, unknown] => [status, (body as { code?: string }).code];

let named = 0;

/** The body of a lead that is like no other one. */
export const leadBody = (contact: object = {}, company: object = {}, others: object = {}): Record<string, unknown> => {
  named += 1;
  return {
    source: 'website',
    company: { name: `Bistro ${named}`, ...company },
    contact: { firstName: 'Ann', lastName: `Lee ${named}`, email: `ann.${named}@bistro.example`, ...contact },
    ...others,
  };
};

/** One process of the application with two organizations, signed in as owner of each. */
export async function startCrm(role: 'all' | 'api') {
  const database = await createTestDatabase();
  const folder = makeDataFolder();
  const owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  const app = await startApplication({
    DATABASE_URL: database.url,
    DATA_FOLDER: folder.path,
    PROCESS_ROLE: role,
  });
  const people = (slug: string): SeedPerson[] =>
    ['owner', 'member'].map((held) => ({
      email: `${held}@${slug}.test`,
      name: held,
      roles: [held as 'owner' | 'member'],
      password: PASSWORD,
    }));
  const seed = (slug: string): Promise<SeededOrganization> => {
    const input = { name: slug, slug, people: people(slug) };
    return app.get(CommandBus).execute(new SeedOrganization({ correlationId: 'crm-suite' }, input));
  };
  const demo = await seed('demo');
  const second = await seed('second');
  const server = () => request(app.getHttpServer());
  const signIn = async (email: string): Promise<string> => {
    const response = await server().post('/api/v1/auth/login').send({ email, password: PASSWORD });
    return `Bearer ${(response.body as { access_token: string }).access_token}`;
  };
  const tokens = { demo: await signIn('owner@demo.test'), second: await signIn('owner@second.test') };
  type Organization = keyof typeof tokens;

  const call =
    (method: 'get' | 'post' | 'put' | 'delete') =>
    async (
      path: string,
      body?: object,
      headers: object = {},
      organization: Organization = 'demo',
    ): Promise<Response> => {
      const agent = server();
      const sent = agent[method](`/api/v1${path}`).set({ Authorization: tokens[organization], ...headers });
      return body === undefined ? sent : sent.send(body);
    };
  const [get, post] = [call('get'), call('post')];
  return {
    app,
    owner,
    demo,
    second,
    get,
    post,
    put: call('put'),
    delete: call('delete'),
    /** Creates a lead and gives its id. */
    create: async (body = leadBody()): Promise<string> => dataOf<{ id: string }>(await post('/leads', body)).id,
    upload: async (text: string | Buffer, query = '', type = 'application/x-ndjson', headers = {}): Promise<Response> =>
      server()
        .post(`/api/v1/leads/import${query}`)
        .set({ Authorization: tokens.demo, 'Content-Type': type, ...headers })
        .send(text as string),
    finished: (id: string): Promise<Import> =>
      eventually(async () => {
        const found = dataOf<Import>(await get(`/leads/imports/${id}`));
        if (!['completed', 'cancelled', 'failed'].includes(found.status)) throw new Error(`still ${found.status}`);
        return found;
      }, 30_000),
    events: async (subjectId: string): Promise<StoredEvent[]> => {
      const { rows } = await owner.query<StoredEvent>(
        `select id, type, stream, subject_id, actor_id, correlation_id, causation_id, depth,
           convert_from(payload, 'UTF8')::jsonb as payload
         from events where subject_id = $1 or stream like '%:' || $1 order by position`,
        [subjectId],
      );
      return rows;
    },
    count: async (statement: string, values: unknown[] = []): Promise<number> => {
      const { rows } = await owner.query<{ count: string }>(`select count(*) from ${statement}`, values);
      return Number(rows[0]!.count);
    },
    stop: async (): Promise<void> => {
      await app.close();
      await owner.end();
      await database.drop();
      folder.remove();
    },
  };
}

export type Crm = Awaited<ReturnType<typeof startCrm>>;

async function startApplication(environment: Record<string, string>): Promise<NestFastifyApplication> {
  const configuration = loadConfiguration({
    NODE_ENV: 'test',
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
    RATE_LIMIT_PER_MINUTE: '100000',
    RATE_LIMIT_ADDRESS_PER_MINUTE: '100000',
    ...environment,
  });
  const logger = createLogger(configuration);

  @Module({
    imports: [
      ConfigModule.forRoot(configuration),
      LoggingModule.forRoot(logger),
      MetricsModule.forRoot(configuration),
      HealthModule,
      HttpModule,
      CqrsModule.forRoot(),
      DatabaseModule,
      CacheModule,
      QueueModule,
      AuditModule,
      DeliveryModule,
      ErasureModule,
      IdentityModule,
      RulesModule,
      CrmModule,
    ],
  })
  class TestModule {}

  const testing = await Test.createTestingModule({ imports: [TestModule] })
    .setLogger(applicationOptions(logger).logger as never)
    .compile();
  const app = testing.createNestApplication<NestFastifyApplication>(createAdapter(), applicationOptions(logger));
  await configureHttp(app, configuration);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}
