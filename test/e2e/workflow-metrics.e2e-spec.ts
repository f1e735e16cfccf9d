import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { newId } from '../../src/kernel/id.js';
import { startApplication, type TestApplication } from '../support/application.js';
import { eventually } from '../support/eventually.js';

interface Metrics {
  readonly from: string;
  readonly to: string;
  readonly bucketSeconds: number;
  readonly totals: Record<string, number>;
  readonly failureRate: number | null;
  readonly executionTime: { active: Record<string, number> | null; waiting: Record<string, number> | null };
  readonly throughput: readonly ({ from: string } & Record<string, number | string>)[];
  readonly steps: readonly Record<string, unknown>[];
  readonly failures: readonly Record<string, unknown>[];
  readonly waitingNow: readonly Record<string, unknown>[];
}

let proviso: TestApplication;

const dataOf = <T>({ body }: Response): T => (body as { data: T }).data;

const metrics = async (query = '', email?: 'owner@second.test'): Promise<Metrics> =>
  dataOf(await proviso.call('get', `/workflows/metrics${query}`, email).expect(200));

const delay = (id: string, duration: string) => ({ id, name: id, type: 'delay', configuration: { duration } });

const mail = {
  id: 'mail',
  name: 'Mail',
  type: 'action',
  configuration: { action: 'send_email', parameters: { template: 'nowhere', recipient: 'ann@bistro.example' } },
};

async function create(step: object): Promise<string> {
  const workflow = { name: `Measured ${newId()}`, trigger: { type: 'manual' }, steps: [step] };
  return dataOf<{ id: string }>(await proviso.call('post', '/workflows').send(workflow).expect(201)).id;
}

async function start(workflowId: string): Promise<string> {
  const started = await proviso.call('post', `/workflows/${workflowId}/execute`).send({}).expect(202);
  return dataOf<{ executionId: string }>(started).executionId;
}

beforeAll(async () => {
  proviso = await startApplication();
});

afterAll(() => proviso.stop());

describe('the figures of workflows', () => {
  it('are none where nothing ran', async () => {
    const { totals, failureRate, executionTime, throughput, ...others } = await metrics('', 'owner@second.test');
    expect(totals).toEqual({ started: 0, completed: 0, failed: 0, cancelled: 0, compensated: 0 });
    expect([failureRate, executionTime]).toEqual([null, { active: null, waiting: null }]);
    expect(throughput.length).toBe(96);
    expect(others).toMatchObject({ bucketSeconds: 900, steps: [], failures: [], waitingNow: [] });
  });

  it('tell what ran, how long, what failed and where executions wait', async () => {
    const [quick, failing, waiting] = [
      await create(delay('pause', 'PT0.3S')),
      await create(mail),
      await create(delay('rest', 'P1D')),
    ];
    await Promise.all([quick, quick, quick, failing].map(start));
    const [cancelled] = await Promise.all([waiting, waiting, waiting].map(start));
    await proviso.call('post', `/workflows/executions/${cancelled!}/cancel`).expect(200);
    const found = await eventually(async () => {
      const now = await metrics();
      expect(now.totals).toEqual({ started: 7, completed: 3, failed: 1, cancelled: 1, compensated: 0 });
      return now;
    });
    expect(found.failureRate).toBe(0.2);
    const summed = found.throughput.reduce(
      (sum, { started, failed }) => [sum[0]! + +started!, sum[1]! + +failed!],
      [0, 0],
    );
    expect(summed).toEqual([7, 1]);
    expect(found.executionTime.waiting!['p50']).toBeGreaterThanOrEqual(250);
    expect(found.executionTime.active!['p50']).toBeLessThan(250);
    const pause = found.steps.find(({ stepId }) => stepId === 'pause') as { waiting: { p50: number } };
    expect(pause).toMatchObject({ workflowId: quick, visits: 3, failed: 0 });
    expect(Math.abs(pause.waiting.p50 - 300)).toBeLessThan(20);
    expect(found.steps.find(({ stepId }) => stepId === 'mail')).toMatchObject({ visits: 1, failed: 1 });
    expect(found.failures).toMatchObject([{ workflowId: failing, stepId: 'mail', count: 1 }]);
    expect(found.waitingNow).toMatchObject([{ workflowId: waiting, stepId: 'rest', waiting: 2, overdue: 0 }]);
    const one = await metrics(`?workflowId=${waiting}`);
    expect(one.totals).toEqual({ started: 3, completed: 0, failed: 0, cancelled: 1, compensated: 0 });
    expect([one.steps, one.waitingNow.length]).toEqual([[], 1]);
    const before = await metrics(`?to=${found.from}`);
    expect([before.to, before.totals['started'], before.steps]).toEqual([found.from, 0, []]);
  });

  it('are refused for a range turned round or too long, and for a workflow that is not there', async () => {
    for (const query of ['from=2026-01-01T00:00:00Z&to=2025-12-31T00:00:00Z', 'from=2020-01-01T00:00:00Z']) {
      const refused = await proviso.call('get', `/workflows/metrics?${query}`).expect(400);
      expect(refused.body).toMatchObject({ code: 'bad-range', errors: [{ parameter: 'from' }] });
    }
    await proviso.call('get', `/workflows/metrics?workflowId=${newId()}`).expect(404);
  });

  it('stand among the metrics of the process, as many wait and are late', async () => {
    const scraped = await proviso.app.inject({ method: 'GET', url: '/metrics' });
    expect(scraped.body).toMatch(/^workflow_waiting_step_runs 2$/m);
    expect(scraped.body).toMatch(/^workflow_overdue_step_runs 0$/m);
    expect(scraped.body).toMatch(/^workflow_swept_step_runs_total\{reason="due"\} \d+$/m);
    expect(scraped.body).toMatch(/^workflow_swept_step_runs_total\{reason="lease-expired"\} \d+$/m);
    expect(scraped.body).toMatch(/^workflow_late_writes_refused_total 0$/m);
  });
});
