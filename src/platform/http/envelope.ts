import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiProperty } from '@nestjs/swagger';
import { Page } from '../../kernel/page.js';

/** The answer of a route that has nothing to give but its having been done. */
export class Message {
  @ApiProperty({ description: 'What was done', example: 'The session was ended.' })
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/**
 * Puts answers into the envelope `{success, data, pagination?}` or `{success, message}`, and gives the version of a
 * single resource as its ETag. A hook of the server, because it costs a third of what an interceptor does.
 */
export function wrapAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: (error: null, payload?: unknown) => void,
): void {
  if (request.route?.config.isBare) return done(null, payload);
  if (payload instanceof Message) return done(null, { success: true, message: payload.message });
  if (payload instanceof Page)
    return done(null, { success: true, data: payload.items, pagination: payload.pagination });
  const { version } = Object(payload) as { version?: unknown };
  if (Number.isInteger(version) && !reply.hasHeader('ETag')) reply.header('ETag', `"${Number(version)}"`);
  done(null, { success: true, data: payload });
}
