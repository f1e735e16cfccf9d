import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../../kernel/domain-error.js';
import { PLATFORM_ORGANIZATION } from '../../kernel/id.js';
import { RateLimits, sendRateLimit } from '../../platform/http/rate-limits.js';
import { trailOf } from '../../platform/http/request-headers.js';
import { Authenticator } from './authenticator.js';
import { credentialOf } from './credential.js';
import { Refusals } from './refusals.js';
import { systemActor } from './system-actor.js';

const PERMISSION = 'ops:read';

/**
 * Lets operators see pages that are no routes of the API. A browser sends the platform's API key as the password of HTTP
 * Basic, whatever the name; everybody else sends it as to the API.
 */
@Injectable()
export class OperatorLogin {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly rateLimits: RateLimits,
    private readonly refusals: Refusals,
  ) {}

  /** @throws unauthenticated, too-many-requests `rate-limited`; not-found for who is no operator, who need not know of it */
  async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const credential = passwordOf(request) ?? credentialOf(request);
    const actor = credential ? await this.authenticator.identify(credential, trailOf(request)) : undefined;
    if (actor) request.actor = actor;
    const isOperator = actor?.permissions.has(PERMISSION) === true;
    // Asking for the key is how a browser begins; showing a wrong one counts as a sign-in.
    const counted = isOperator
      ? this.rateLimits.consume('actor', actor.id)
      : this.rateLimits.consume(credential ? 'login' : 'address', request.ip);
    sendRateLimit(reply, await counted);
    if (isOperator) return;
    this.count(request, actor ? `permission-missing ${PERMISSION}` : 'credential-refused', credential);
    if (actor) throw new DomainError('not-found', 'not-found', `There is nothing at ${request.url.split('?', 1)[0]}.`);
    reply.header('WWW-Authenticate', 'Basic realm="Proviso operations", charset="UTF-8"');
    throw new DomainError('unauthenticated', 'operators-only', 'Send the API key of an operator as the password.');
  }

  private count(request: FastifyRequest, reason: string, credential: string | undefined): void {
    if (!credential) return;
    const actor = request.actor ?? systemActor(PLATFORM_ORGANIZATION, trailOf(request));
    const route = `${request.method} ${request.routeOptions.url ?? ''}`;
    const who = request.actor?.id ?? request.ip;
    this.refusals.count({ type: 'access-refused', actor, who, address: request.ip, route, reason });
  }
}

/** The password of HTTP Basic (RFC 7617). */
function passwordOf({ headers }: FastifyRequest): string | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}
