import { expect, it } from '@jest/globals';
import { jobOf, swept } from './step-jobs.js';

const job = jobOf('organization', { id: 'run', queue: 'emails', fence: 2 });

it('gives a reminder that is swept an id of its own, another one after some seconds, and the same one before', () => {
  const ids = [0, 1_999, 2_000, 4_000].map((nowMs) => swept(job, nowMs).jobId);
  expect(ids[1]).toBe(ids[0]);
  expect(new Set([job.jobId, ...ids]).size).toBe(4);
  expect(swept(job, 0)).toMatchObject({ queue: 'emails', data: job.data });
});
