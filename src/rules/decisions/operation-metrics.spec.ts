import { expect, it } from '@jest/globals';
import type { SlowOperations } from '../../platform/metrics/slow-operations.js';
import { OperationMetrics } from './operation-metrics.js';

const make = () => {
  const told: unknown[] = [];
  const slowOperations = { observe: (...observed: unknown[]) => told.push(observed) };
  const metrics = new OperationMetrics(slowOperations as unknown as SlowOperations, { SLOW_OPERATION_MS: 100 });
  metrics.register('execute');
  metrics.register('a.first');
  return { metrics, told };
};

it('tells count, mean, 95th percentile, slow ones and errors, by organization', () => {
  const { metrics, told } = make();
  for (let duration = 1; duration <= 100; duration++) metrics.observe('one', 'execute', duration, duration % 10 === 0);
  metrics.observe('one', 'execute', 201);
  const none = { count: 0, meanMs: null, p95Ms: null, slow: 0, errors: 0 };
  expect(metrics.figuresOf('one')).toEqual([
    { operation: 'a.first', ...none },
    { operation: 'execute', count: 101, meanMs: 51.99, p95Ms: 96, slow: 1, errors: 10 },
  ]);
  expect(metrics.figuresOf('another')[1]).toEqual({ operation: 'execute', ...none });
  expect(told).toEqual([['business-rules', 201, { name: 'execute', organizationId: 'one' }]]);
});

it('takes the percentile of the latest ones alone', () => {
  const { metrics } = make();
  for (let index = 0; index < 1_000; index++) metrics.observe('one', 'execute', index < 500 ? 90 : 1);
  expect(metrics.figuresOf('one')[1]).toMatchObject({ count: 1_000, meanMs: 45.5, p95Ms: 1 });
});

it('measures what fails, and knows only names that were registered once', async () => {
  const { metrics } = make();
  const failing = metrics.measure('one', 'execute', () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(await metrics.measure('one', 'execute', () => Promise.resolve(7))).toBe(7);
  expect(metrics.figuresOf('one')[1]).toMatchObject({ count: 2, errors: 1 });
  expect(() => metrics.observe('one', 'unheard', 1)).toThrow('not registered');
  expect(() => metrics.register('execute')).toThrow('twice');
});
