import { type ArgumentsHost, Catch, type ExceptionFilter, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Logger } from '../logging/logger.js';
import { type Problem, PROBLEM_TYPE, problemOf } from './problem.js';
import { type RateLimitState, sendExceededRateLimit } from './rate-limits.js';

/** Answers everything that was thrown as a problem document, and logs what is our fault. The only place of its kind. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = problemOf(error, {
      path: pathOf(request),
      method: request.method,
      correlationId: request.id,
      hasExpectedVersion: request.headers['if-match'] !== undefined,
      hasCursor: Object.hasOwn(Object(request.query) as object, 'cursor'),
    });
    this.log(error, problem);
    if (reply.sent || reply.raw.headersSent) reply.raw.destroy();
    else sendProblem(reply, problem);
  }

  private log(error: unknown, { status, code }: Problem): void {
    if (status === 500) this.logger.error({ event: 'request-failed', error }, 'A request failed unexpectedly.');
    else if (status === 503)
      this.logger.warn({ event: 'request-refused', code, error }, 'A part that is needed is away.');
  }
}

/** Sends a problem with the headers that belong to it. */
export function sendProblem(reply: FastifyReply, problem: Problem): void {
  if (typeof problem['retryAfterSeconds'] === 'number') reply.header('Retry-After', problem['retryAfterSeconds']);
  if (problem.status === 401 && !reply.hasHeader('WWW-Authenticate')) reply.header('WWW-Authenticate', 'Bearer');
  if (problem['rateLimit']) sendExceededRateLimit(reply, problem['rateLimit'] as RateLimitState);
  // As bytes, because the server would add a charset to a text, which the media type does not know.
  const body = Buffer.from(JSON.stringify(problem));
  void reply.status(problem.status).header('Content-Type', PROBLEM_TYPE).send(body);
}

/** The path of a request without its query, which may hold what is nobody's business. */
export const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '';
