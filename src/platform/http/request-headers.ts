import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { malformed } from '../../kernel/domain-error.js';
import type { Actor, IdempotentRequest } from './actor.js';

export const CORRELATION_HEADER = 'x-correlation-id';

/** The trail that a request is on. */
export const trailOf = (request: FastifyRequest): Pick<Actor, 'correlationId'> => ({ correlationId: request.id });

/** Trace context of version 00 (W3C Recommendation, section 3.2); a trace id of zeros is none. */
const TRACEPARENT = /^00-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;

/**
 * The correlation id of a request: the caller's own when it has 8 to 64 letters, digits, `-` or `_`, else the id of the
 * W3C trace that it belongs to, so that the trace goes on through events and jobs, else a new UUID.
 */
export const correlationIdOf = (headers: Readonly<Record<string, unknown>>): string => {
  const { [CORRELATION_HEADER]: sent, traceparent } = headers;
  if (typeof sent === 'string' && /^[\w-]{8,64}$/.test(sent)) return sent;
  return (typeof traceparent === 'string' && TRACEPARENT.exec(traceparent)?.[1]) || randomUUID();
};

/**
 * The version that `If-Match: "3"` names; undefined without the header.
 * @throws malformed `invalid-if-match`
 */
export function expectedVersionOf(request: FastifyRequest): number | undefined {
  const header = request.headers['if-match'];
  if (header === undefined) return undefined;
  const version = /^"(\d{1,9})"$/.exec(header)?.[1];
  if (version === undefined) {
    throw malformed('invalid-if-match', 'If-Match must be the ETag that was read before, one version in quotes: "3".');
  }
  return Number(version);
}

/**
 * What the caller sent as `Idempotency-Key`, and for what; undefined without the header. The hash covers body and URL,
 * because one route serves many resources. Of a streamed body only the URL counts.
 * @throws malformed `invalid-idempotency-key`
 */
export function idempotencyOf(request: FastifyRequest): IdempotentRequest | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw malformed('invalid-idempotency-key', 'Idempotency-Key must have 1 to 255 visible ASCII characters.');
  }
  const body = request.body instanceof Readable ? undefined : request.body;
  return {
    key,
    route: `${request.method} ${request.routeOptions.url ?? ''}`,
    requestHash: createHash('sha256')
      .update(canonicalJson({ url: request.url, body }))
      .digest(),
  };
}
