import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../../kernel/domain-error.js';
import { problemOf } from '../http/problem.js';
import { pathOf, sendProblem } from '../http/problem.filter.js';
import type { Queue } from './queue-backend.js';

/** Where operators see the queues. */
export const QUEUE_BOARD_PATH = '/admin/queues';

/** The page's types know queues in Redis alone; what it asks of a queue, each backend has. */
type BoardQueue = ConstructorParameters<typeof BullMQAdapter>[0];

/** Lets a request to the board through. @throws DomainError that is answered otherwise */
export type BoardAdmission = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/**
 * Serves a page on which operators see the queues with their jobs; it changes nothing, because what is due stands in the
 * tables. To be called before the server is ready.
 */
export function serveQueueBoard(instance: FastifyInstance, queues: readonly Queue[], admit: BoardAdmission): void {
  const board = new FastifyAdapter();
  board.setBasePath(QUEUE_BOARD_PATH);
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue as unknown as BoardQueue, { readOnlyMode: true })),
    serverAdapter: board,
    options: { uiConfig: { boardTitle: 'Proviso', hideRedisDetails: true } },
  });
  instance.register(
    (scope, _options, done) => {
      // What the page reads has a form of its own, and nothing here is an answer of the API.
      scope.addHook('onRoute', (route) => {
        route.config = { ...route.config, isBare: true };
      });
      scope.addHook('onRequest', (request, reply) => refuseOr(() => admit(request, reply), request, reply));
      scope.register(board.registerPlugin());
      done();
    },
    { prefix: QUEUE_BOARD_PATH },
  );
}

/** Answers what is refused as everywhere else, because the page's own routes answer errors in their own way. */
async function refuseOr(admit: () => Promise<void>, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  try {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw readOnly();
    await admit();
  } catch (error) {
    const { method, id: correlationId } = request;
    sendProblem(reply, problemOf(error, { path: pathOf(request), method, correlationId }));
  }
}

const readOnly = (): DomainError => new DomainError('not-found', 'not-found', 'The queues can only be looked at here.');
