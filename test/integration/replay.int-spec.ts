import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { Response } from 'supertest';
import { createApplication } from '../../src/application.js';
import { systemActor } from '../../src/identity/identity.contract.js';
import { loadConfiguration } from '../../src/platform/config/configuration.js';
import { createLogger } from '../../src/platform/logging/logger.js';
import { ExecuteRules } from '../../src/rules/decisions/commands/execute-rules.js';
import { ReplayExecution } from '../../src/rules/decisions/queries/replay-execution.js';
import { startApplication, type TestApplication } from '../support/application.js';

const ENTRY_POINT = 'shop.order.replayed';
const DECISIONS = 10_000;
const AT_ONCE = 100;

let proviso: TestApplication;
let restarted: INestApplicationContext | undefined;

const dataOf = <T>({ body }: Response): T => (body as { data: T }).data;
const post = async (path: string, body: object): Promise<Response> => proviso.call('post', path).send(body);

const rule = (number: number, shift: number) => ({
  name: `Rule ${number}`,
  priority: number % 3,
  ...(number % 2 === 0
    ? { condition: { '>': [{ '/': [{ var: 'order.total' }, { var: 'order.parts' }] }, number + shift] } }
    : { conditions: [{ field: 'order.country', operator: 'in', value: ['DE', `C${number + shift}`] }] }),
  actions: [
    { type: 'adjust_field', parameters: { field: 'order.discount', by: number + shift } },
    { type: 'set_field', parameters: { field: 'order.tier', value: '{{order.fields}}' } },
  ],
});

beforeAll(async () => {
  proviso = await startApplication();
}, 60_000);

afterAll(async () => {
  await restarted?.close();
  await proviso.stop();
});

const inTurns = async <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> => {
  const answers: T[] = [];
  for (let start = 0; start < count; start += AT_ONCE) {
    const indexes = Array.from({ length: Math.min(AT_ONCE, count - start) }, (_, offset) => start + offset);
    answers.push(...(await Promise.all(indexes.map(work))));
  }
  return answers;
};

it('replays ten thousand decisions byte-equal after a restart and after every rule was changed', async () => {
  const settings = { schema: { type: 'object' }, writableFields: ['order.discount', 'order.tier'] };
  await post('/rules/entry-points', { name: ENTRY_POINT, ...settings, failurePolicy: 'fail_open' });
  const ids: string[] = [];
  for (let number = 0; number < 6; number++) {
    const made = await post('/business-rules', { ...rule(number, 0), entryPoint: ENTRY_POINT, publish: true });
    expect(made.body).toEqual(expect.objectContaining({ success: true }));
    ids.push(dataOf<{ id: string }>(made).id);
  }
  const organization = dataOf<{ id: string }>(await proviso.call('get', '/organizations/current'));
  const actor = systemActor(organization.id, { correlationId: 'replayed-decisions' });
  const commands = proviso.app.get(CommandBus);
  const records = await inTurns(DECISIONS, (index) => {
    const order = {
      total: (index * 37) % 90,
      parts: index % 9,
      country: ['DE', 'C1', 'C3', 'FR'][index % 4]!,
      // Not in canonical order, as callers send it.
      fields: { zone: index % 5, grade: { z: 1, a: 2 } },
    };
    return commands.execute(new ExecuteRules(actor, { entryPoint: ENTRY_POINT, context: { order }, isDryRun: false }));
  });
  expect(records.filter(({ errors }) => errors.length > 0).length).toBeGreaterThan(500);
  expect(records.filter(({ effects }) => effects.length > 0).length).toBeGreaterThan(5_000);
  for (const [number, id] of ids.entries()) {
    const revised = await proviso.call('put', `/business-rules/${id}`).send({ ...rule(number, 7), publish: true });
    expect(revised.status).toBe(200);
  }
  const configuration = loadConfiguration({
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    PROCESS_ROLE: 'api',
    DATABASE_URL: proviso.database.url,
    DATA_FOLDER: process.env.TEST_FOLDER,
    DB_POOL_SIZE: '4',
  });
  restarted = await createApplication(configuration, createLogger(configuration));
  const queries = restarted.get(QueryBus);
  const replays = await inTurns(DECISIONS, (index) =>
    queries.execute(new ReplayExecution(actor, records[index]!.executionId)),
  );
  expect(replays.filter(({ isEqual }) => isEqual !== true).slice(0, 3)).toEqual([]);
}, 180_000);
