import type { FastifyRequest } from 'fastify';

/** What the caller shows: `Authorization: Bearer …` or `X-Api-Key: …`. */
export function credentialOf(request: FastifyRequest): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const apiKey = request.headers['x-api-key'];
  return bearer ?? (typeof apiKey === 'string' && apiKey !== '' ? apiKey : undefined);
}
