import { describe, expect, it, test } from '@jest/globals';
import { OutboundFailure, type OutboundOutcome } from '../../platform/outbound/outbound-failure.js';
import { outcomeOfAnswer, outcomeOfFailure } from './webhook-outcome.js';

const NOW = new Date('2026-11-22T09:30:00Z');
const answered = (status: number, headers: Record<string, string> = {}, body = '') =>
  outcomeOfAnswer({ status, headers, body }, NOW);

describe('what an answer means', () => {
  test.each([200, 201, 202, 204, 299])('%s: delivered', (status) => {
    expect(answered(status)).toMatchObject({ status: 'delivered', error: null, responseStatus: status });
  });

  test.each([408, 409, 425, 429, 500, 502, 503, 504, 599])('%s: failed, and may pass', (status) => {
    expect(answered(status)).toMatchObject({ status: 'failed', isPassing: true, error: expect.stringContaining('') });
  });

  test.each([300, 304, 400, 401, 403, 404, 410, 413, 422])('%s: failed for good', (status) => {
    expect(answered(status)).toMatchObject({ status: 'failed', isPassing: false });
  });

  it('says of a redirect that it is not followed', () => {
    expect(answered(307).error).toContain('redirects are not followed');
    expect(answered(404).error).not.toContain('redirect');
  });

  it('keeps 1 KiB of the body in whole characters without NUL', () => {
    expect(answered(200, {}, 'x'.repeat(5000)).responseBody).toBe('x'.repeat(1024));
    expect(answered(200, {}, `${'x'.repeat(1023)}é`).responseBody).toBe('x'.repeat(1023));
    expect(answered(200, {}, 'a\0b').responseBody).toBe('ab');
  });

  test.each([
    ['120', 429, 120],
    ['Sun, 22 Nov 2026 09:31:00 GMT', 503, 60],
    ['31536000', 503, 86_400],
    ['0', 503, undefined],
    ['Sun, 22 Nov 2026 09:29:00 GMT', 503, undefined],
    ['soon', 503, undefined],
    ['-5', 503, undefined],
    ['120', 400, undefined],
  ])('reads Retry-After: %s of %s as %s seconds', (value, status, seconds) => {
    expect(answered(status, { 'retry-after': value }).retryAfterSeconds).toBe(seconds);
  });
});

test.each<[OutboundOutcome, string, boolean]>([
  ['refused', 'failed', false],
  ['not-sent', 'failed', true],
  ['unknown', 'unknown', true],
])('a call without an answer that is %s counts as %s', (outcome, status, isPassing) => {
  const failure = new OutboundFailure(outcome, 'ECODE', 'x'.repeat(1000));
  const counted = outcomeOfFailure(failure);
  expect(counted).toMatchObject({ status, isPassing, responseStatus: null, error: expect.stringContaining('ECODE') });
  expect(counted.error).toHaveLength(500);
});
