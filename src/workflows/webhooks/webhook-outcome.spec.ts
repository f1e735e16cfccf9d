import { describe, expect, it, test } from '@jest/globals';
import { OutboundFailure, type OutboundOutcome } from '../../platform/outbound/outbound-failure.js';
import { outcomeOfAnswer, outcomeOfFailure } from './webhook-outcome.js';

const answered = (status: number, body = '', headers: Record<string, string> = {}) =>
  outcomeOfAnswer({ status, headers, body });

describe('what an answer means', () => {
  test.each([200, 201, 202, 204, 299])('%s: delivered', (status) => {
    expect(answered(status)).toMatchObject({ status: 'delivered', error: null, responseStatus: status });
  });

  test.each([408, 409, 425, 429, 500, 502, 503, 504, 599])('%s: failed, and may pass', (status) => {
    expect(answered(status)).toMatchObject({
      status: 'failed',
      isPassing: true,
      error: `The receiver answered ${status}.`,
    });
  });

  test.each([300, 304, 400, 401, 403, 404, 410, 413, 422])('%s: failed for good', (status) => {
    expect(answered(status)).toMatchObject({ status: 'failed', isPassing: false });
  });

  it('says of a redirect that it is not followed', () => {
    expect(answered(307).error).toContain('redirects are not followed');
    expect(answered(404).error).not.toContain('redirect');
  });

  test.each([
    [503, '120', 120],
    [429, new Date(Date.now() + 90_000).toUTCString(), 90],
    [503, '999999999', 86_400],
    [503, '0', undefined],
    [503, 'Tue, 03 Jan 2006 10:00:00 GMT', undefined],
    [503, 'soon', undefined],
    [404, '120', undefined],
    [200, '120', undefined],
  ])('%s with Retry-After: %s asks for a pause of %s seconds', (status, header, seconds) => {
    const { retryAfterSeconds } = answered(status, '', { 'retry-after': header });
    if (seconds === undefined) expect(retryAfterSeconds).toBeUndefined();
    // A date is told to the second.
    else expect(Math.abs(retryAfterSeconds! - seconds)).toBeLessThanOrEqual(1);
  });

  it('keeps 1 KiB of the body in whole characters without NUL', () => {
    expect(answered(200, 'x'.repeat(5000)).responseBody).toBe('x'.repeat(1024));
    expect(answered(200, `${'x'.repeat(1023)}é`).responseBody).toBe('x'.repeat(1023));
    expect(answered(200, 'a\0b').responseBody).toBe('ab');
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
