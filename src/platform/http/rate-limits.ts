import { isIPv6 } from 'node:net';
import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { DomainError } from '../../kernel/domain-error.js';
import { InjectConfiguration } from '../config/config.module.js';
import type { Configuration } from '../config/configuration.js';

const WINDOW_SECONDS = 60;

/** What is counted together: calls of one user or key, calls of one address without login, sign-ins of one address. */
export type RateLimitBucket = 'actor' | 'address' | 'login';

/** Where a caller stands in the running minute. */
export interface RateLimitState {
  /** Calls that a minute may have. */
  readonly limit: number;
  readonly remaining: number;
  /** Whole seconds until the count starts anew. */
  readonly resetSeconds: number;
}

/** Counts calls in windows of a minute, in the memory of this process; one counter a key, whatever the number of calls. */
@Injectable()
export class RateLimits {
  private readonly limiters: Readonly<Record<RateLimitBucket, RateLimiterMemory>>;

  constructor(
    @InjectConfiguration()
    configuration: Pick<
      Configuration,
      'RATE_LIMIT_PER_MINUTE' | 'RATE_LIMIT_ADDRESS_PER_MINUTE' | 'RATE_LIMIT_LOGIN_PER_MINUTE'
    >,
  ) {
    const perMinute = (points: number): RateLimiterMemory =>
      new RateLimiterMemory({ points, duration: WINDOW_SECONDS });
    this.limiters = {
      actor: perMinute(configuration.RATE_LIMIT_PER_MINUTE),
      address: perMinute(configuration.RATE_LIMIT_ADDRESS_PER_MINUTE),
      login: perMinute(configuration.RATE_LIMIT_LOGIN_PER_MINUTE),
    };
  }

  /** Counts one call. @throws too-many-requests `rate-limited` with the seconds to wait */
  async consume(bucket: RateLimitBucket, key: string): Promise<RateLimitState> {
    const limiter = this.limiters[bucket];
    try {
      return stateOf(await limiter.consume(networkOf(key)), limiter.points);
    } catch (result) {
      if (!(result instanceof RateLimiterRes)) throw result;
      const rateLimit = stateOf(result, limiter.points);
      const retryAfterSeconds = rateLimit.resetSeconds;
      const message = `More than ${rateLimit.limit} calls in a minute; try again in ${retryAfterSeconds} seconds.`;
      throw new DomainError('too-many-requests', 'rate-limited', message, { retryAfterSeconds, rateLimit });
    }
  }
}

const stateOf = ({ remainingPoints, msBeforeNext }: RateLimiterRes, limit: number): RateLimitState => ({
  limit,
  remaining: remainingPoints,
  resetSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)),
});

/** An IPv6 subscriber holds a whole /64, so that is what is counted; any other key counts as it is. */
function networkOf(key: string): string {
  // Ids of users and keys hold no colon; looking for one costs a fraction of looking for an address.
  if (!key.includes(':') || !isIPv6(key) || key.includes('.')) return key;
  const [head = '', tail] = key.split('::', 2);
  const first = head === '' ? [] : head.split(':');
  const last = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? [] : Array<string>(8 - first.length - last.length).fill('0');
  return `${[...first, ...zeros, ...last].slice(0, 4).join(':')}::/64`;
}

/**
 * Tells the caller where it stands: `RateLimit: "minute";r=599;t=42`, calls that remain and seconds until the count starts
 * anew (draft-ietf-httpapi-ratelimit-headers-09).
 */
export function sendRateLimit(reply: FastifyReply, { remaining, resetSeconds }: RateLimitState): void {
  reply.header('RateLimit', `"minute";r=${remaining};t=${resetSeconds}`);
}

/** Tells a caller that went beyond its limit what it is as well: `RateLimit-Policy: "minute";q=600;w=60`. */
export function sendExceededRateLimit(reply: FastifyReply, state: RateLimitState): void {
  sendRateLimit(reply, state);
  reply.header('RateLimit-Policy', `"minute";q=${state.limit};w=${WINDOW_SECONDS}`);
}
