import { describe, expect, it } from '@jest/globals';
import { DomainError } from '../../kernel/domain-error.js';
import { RateLimits } from './rate-limits.js';

const limits = (): RateLimits =>
  new RateLimits({ RATE_LIMIT_PER_MINUTE: 1, RATE_LIMIT_ADDRESS_PER_MINUTE: 2, RATE_LIMIT_LOGIN_PER_MINUTE: 1 });

describe('rate limits', () => {
  it('count each key in each bucket for itself', async () => {
    const counted = limits();
    expect(await counted.consume('address', '192.0.2.1')).toEqual({ limit: 2, remaining: 1, resetSeconds: 60 });
    expect(await counted.consume('address', '192.0.2.2')).toMatchObject({ remaining: 1 });
    expect(await counted.consume('login', '192.0.2.1')).toMatchObject({ limit: 1, remaining: 0 });
    expect(await counted.consume('address', '192.0.2.1')).toMatchObject({ remaining: 0 });
  });

  it('refuse with the time to wait', async () => {
    const counted = limits();
    await counted.consume('actor', 'a');
    const refusal: unknown = await counted.consume('actor', 'a').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DomainError);
    expect(refusal).toMatchObject({
      kind: 'too-many-requests',
      details: { retryAfterSeconds: 60, rateLimit: { limit: 1, remaining: 0, resetSeconds: 60 } },
    });
  });

  it.each([
    ['2001:db8::1', '2001:db8:0:0:ffff::9', true],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::', true],
    ['::1', '::2', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
  ])('count %s and %s together: %s', async (one, other, isTogether) => {
    const counted = limits();
    await counted.consume('address', one);
    expect((await counted.consume('address', other)).remaining).toBe(isTogether ? 0 : 1);
  });
});
