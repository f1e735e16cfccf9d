import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CommandBus } from '@nestjs/cqrs';
import type { LightMyRequestResponse } from 'fastify';
import { CreateOpsKey } from '../../src/identity/identity.contract.js';
import { newId } from '../../src/kernel/id.js';
import { queueNames } from '../../src/platform/queue/queues.js';
import { startApplication, type TestApplication } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { readDocument } from '../support/openapi-document.js';

const BOARD = '/admin/queues';
const LOGINS = 5;

let proviso: TestApplication;
let key: string;

beforeAll(async () => {
  proviso = await startApplication({ RATE_LIMIT_LOGIN_PER_MINUTE: String(LOGINS + 5) });
  const expiresAt = new Date(Date.now() + 3_600_000);
  const created = await proviso.app
    .get(CommandBus)
    .execute(new CreateOpsKey({ correlationId: newId() }, 'ops', expiresAt));
  key = created.token;
});

afterAll(() => proviso.stop());

const basic = (password: string): string => `Basic ${Buffer.from(`operator:${password}`).toString('base64')}`;

const get = (path = '', authorization: string | undefined = basic(key)): Promise<LightMyRequestResponse> =>
  proviso.app.inject({ method: 'GET', url: `${BOARD}${path}`, headers: { ...(authorization && { authorization }) } });

interface Shown {
  readonly queues: readonly { name: string; readOnlyMode: boolean; jobs: readonly { data: unknown }[] }[];
}

const shown = async (query: string): Promise<Shown['queues']> => {
  const { statusCode, body } = await get(`/api/queues?${query}`);
  expect(statusCode).toBe(200);
  return (JSON.parse(body) as Shown).queues;
};

describe('the page of the queues', () => {
  it('asks for a key, and shows itself to who has one', async () => {
    const unknown = await get('', '');
    expect([unknown.statusCode, unknown.headers['www-authenticate']]).toEqual([
      401,
      'Basic realm="Proviso operations", charset="UTF-8"',
    ]);
    expect(unknown.json()).toMatchObject({ code: 'operators-only', success: false });
    for (const authorization of [basic(key), `Bearer ${key}`]) {
      const page = await get('', authorization);
      expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(page.body).toContain(`<base href="${BOARD}/"`);
    }
  });

  it('runs under the policy that all answers carry: its scripts and styles are its own', async () => {
    const { body, headers } = await get();
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    const assets = [...body.matchAll(/(?:src|href)="(static\/[^"]+)"/g)].map(([, path]) => path!);
    expect(assets.length).toBeGreaterThan(4);
    for (const asset of assets) {
      const { statusCode, headers: sent } = await get(`/${asset}`);
      expect([asset, statusCode]).toEqual([asset, 200]);
      expect(sent['x-content-type-options']).toBe('nosniff');
    }
    const inline = [...body.matchAll(/<script(?![^>]*\bsrc=)([^>]*)>/g)].map(([, attributes]) => attributes);
    expect(inline.every((attributes) => attributes!.includes('application/json'))).toBe(true);
    expect((await get('/static/js/main.f10757109b.js', '')).statusCode).toBe(401);
  });

  it('shows every queue and its jobs, which hold ids and nothing else', async () => {
    const steps = [{ id: 'wait', name: 'Wait', type: 'delay', configuration: { duration: 'P1D' } }];
    const secret = `nobody-sees-${newId()}`;
    const workflow = { name: secret, trigger: { type: 'manual' }, steps };
    const created = await proviso.call('post', '/workflows').send(workflow).expect(201);
    const { id } = (created.body as { data: { id: string } }).data;
    await proviso.call('post', `/workflows/${id}/execute`).send({}).expect(202);
    const jobs = await eventually(async () => {
      const queues = await shown('activeQueue=workflow-steps&status=delayed&page=1&jobsPerPage=10');
      expect(queues.map(({ name }) => name).sort()).toEqual([...queueNames].sort());
      expect(queues.every(({ readOnlyMode }) => readOnlyMode)).toBe(true);
      const found = queues.find(({ name }) => name === 'workflow-steps')!.jobs;
      expect(found.length).toBeGreaterThan(0);
      return found;
    });
    expect(JSON.stringify(jobs)).not.toContain(secret);
    for (const { data } of jobs) {
      const values = Object.values((typeof data === 'string' ? JSON.parse(data) : data) as object);
      for (const value of values) expect(value).toMatch(/^[\w-]+$/);
    }
  });

  it('changes nothing, whoever asks', async () => {
    for (const method of ['PUT', 'POST', 'PATCH', 'DELETE'] as const) {
      for (const path of [
        '/api/queues/workflow-steps/pause',
        '/api/queues/workflow-steps/obliterate',
        '/api/queues/pause',
      ]) {
        const headers = { authorization: basic(key) };
        const { statusCode } = await proviso.app.inject({ method, url: `${BOARD}${path}`, headers });
        expect([method, path, statusCode]).toEqual([method, path, 404]);
      }
    }
  });

  it('is not there for people and keys of an organization, and not in the document', async () => {
    const member = await get('', `Bearer ${proviso.token('owner@demo.test')}`);
    expect([member.statusCode, member.json<{ code: string }>().code]).toEqual([404, 'not-found']);
    const document = await readDocument(proviso);
    expect(Object.keys(document.paths).filter((path) => path.startsWith('/admin'))).toEqual([]);
  });

  it('refuses to be guessed at', async () => {
    const statuses: number[] = [];
    for (let attempt = 0; attempt < LOGINS + 5; attempt++) {
      statuses.push((await get('', basic(key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A')))).statusCode);
    }
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect((await get()).statusCode).toBe(200);
  });
});
