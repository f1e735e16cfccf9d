import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError, FastifyReply, FastifyRequest } from 'fastify';
import { pathOf, sendProblem } from './problem.filter.js';
import { CORRELATION_HEADER } from './request-headers.js';
import { PROBLEM_TYPE, problemFrom, problemOf } from './problem.js';

/** Answers what the router refuses before any filter could. */
export function answerFrameworkError(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  reply.header(CORRELATION_HEADER, request.id);
  sendProblem(reply, problemOf(error, { path: pathOf(request), method: request.method, correlationId: request.id }));
}

const parserCodes: Readonly<Record<string, readonly [status: number, code: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'headers-too-large', 'The headers are larger than 16 KiB; send fewer or shorter ones.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request-timeout', 'The request took too long to arrive; send it again.'],
};

/** Answers bytes that are no HTTP request, on the bare connection. */
export function answerBrokenRequest(error: ConnectionError, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, code, message] = parserCodes[error.code] ?? [400, 'broken-request', 'This is no valid HTTP request.'];
  const body = JSON.stringify(problemFrom({ status, code, message, members: {} }, {}));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
