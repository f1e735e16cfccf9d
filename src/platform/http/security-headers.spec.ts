import { describe, expect, it } from '@jest/globals';
import helmet from '@fastify/helmet';
import Fastify from 'fastify';
import { API_SECURITY_HEADERS, SECURITY_HEADERS } from './security-headers.js';

/** What every answer carries anyway. */
const plain = new Set(['content-type', 'content-length', 'date', 'connection']);

describe('security headers', () => {
  it("are helmet's own", async () => {
    const server = Fastify();
    await server.register(helmet, {
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'self'"],
          baseUri: ["'self'"],
          formAction: ["'self'"],
          frameAncestors: ["'none'"],
          objectSrc: ["'none'"],
          imgSrc: ["'self'", 'data:'],
          styleSrc: ["'self'", "'unsafe-inline'"],
        },
      },
    });
    server.get('/', () => 'text');
    const { headers } = await server.inject('/');
    expect(SECURITY_HEADERS).toEqual(Object.fromEntries(Object.entries(headers).filter(([name]) => !plain.has(name))));
  });

  it('of an answer that is no page allow nothing, and are of those names', () => {
    expect(API_SECURITY_HEADERS).toEqual({
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'strict-transport-security': SECURITY_HEADERS['strict-transport-security'],
      'x-content-type-options': 'nosniff',
    });
    expect(Object.keys(SECURITY_HEADERS)).toEqual(expect.arrayContaining(Object.keys(API_SECURITY_HEADERS)));
  });
});
