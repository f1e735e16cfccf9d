import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { type Authenticator, credentialOf } from '../../identity/identity.contract.js';
import { trailOf } from '../../platform/http/request-headers.js';
import { parsePlace, type EventPlace } from './event-place.js';
import { executionStream, type ExecutionStreamDependencies } from './execution-stream.js';
import type { OpenStreams } from './open-streams.js';
import { sentStream } from './sent-stream.js';

const PERMISSION = 'workflows:read';

/** A request to follow an execution. */
export interface FollowRequest {
  readonly executionId: string;
  /** From the query. */
  readonly lastEventId: string | undefined;
  /** Of a caller whom the guard let through. */
  readonly request: FastifyRequest;
  readonly response: ServerResponse;
}

export interface FollowersDependencies extends ExecutionStreamDependencies {
  readonly streams: OpenStreams;
  readonly authenticator: Pick<Authenticator, 'identify'>;
}

/** Those who follow executions from here. */
export class ExecutionFollowers {
  constructor(private readonly dependencies: FollowersDependencies) {}

  /**
   * The stream for one more; nothing but the headers for a HEAD.
   * @throws not-found, malformed `bad-cursor`, too-many-requests `too-many-streams`, unavailable `streams-full`
   */
  async follow({ executionId, lastEventId, request, response }: FollowRequest): Promise<Readable | string> {
    const { events, streams } = this.dependencies;
    const { id: actorId, organizationId } = request.actor!;
    const after = placeOf(request, lastEventId);
    const followed = { organizationId, executionId };
    const first = await events.after(followed, after);
    if (request.method === 'HEAD') return '';
    const stream = streams.add(actorId);
    const { signal } = stream;
    const follower = { followed, after, first, signal, mayGoOn: () => this.mayGoOn(request, organizationId) };
    return sentStream(streams, { stream, response }, executionStream(this.dependencies, follower));
  }

  private async mayGoOn(request: FastifyRequest, organizationId: string): Promise<boolean> {
    const actor = await this.dependencies.authenticator.identify(credentialOf(request)!, trailOf(request));
    return actor?.organizationId === organizationId && actor.permissions.has(PERMISSION);
  }
}

function placeOf({ headers }: FastifyRequest, lastEventId: string | undefined): EventPlace {
  const header = headers['last-event-id'];
  const isSent = typeof header === 'string' && header !== '';
  return isSent ? parsePlace(header, 'Last-Event-ID') : parsePlace(lastEventId, 'lastEventId');
}
