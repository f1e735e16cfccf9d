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

  it('of an answer that is no page are some of them', () => {
    expect(SECURITY_HEADERS).toMatchObject(API_SECURITY_HEADERS);
    expect(Object.keys(API_SECURITY_HEADERS)).toHaveLength(5);
  });
});
