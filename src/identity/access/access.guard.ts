import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../../kernel/domain-error.js';
import { PLATFORM_ORGANIZATION } from '../../kernel/id.js';
import type { Actor } from '../../platform/http/actor.js';
import { accessOf } from '../../platform/http/decorators.js';
import { RateLimits, sendRateLimit } from '../../platform/http/rate-limits.js';
import { trailOf } from '../../platform/http/request-headers.js';
import { Authenticator } from './authenticator.js';
import { credentialOf } from './credential.js';
import { Refusals } from './refusals.js';
import { systemActor } from './system-actor.js';

/** Lets a request through when its caller may do what the route asks for; everything else is refused. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly rateLimits: RateLimits,
    private readonly refusals: Refusals,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const [request, reply] = context.getArgs<[FastifyRequest, FastifyReply]>();
    const credential = credentialOf(request);
    const actor = credential ? await this.authenticator.identify(credential, trailOf(request)) : undefined;
    if (actor) request.actor = actor;
    const limited = actor ? this.rateLimits.consume('actor', actor.id) : this.rateLimits.consume('address', request.ip);
    sendRateLimit(reply, await limited);
    const { isPublic, permission } = accessOf(context.getHandler(), context.getClass());
    if (isPublic) return true;
    if (!actor) throw this.askWho(request, reply, credential);
    if (permission === undefined || !actor.permissions.has(permission)) throw this.forbid(request, actor, permission);
    return true;
  }

  private forbid(request: FastifyRequest, actor: Actor, permission: string | undefined): DomainError {
    this.count(request, actor, `permission-missing ${permission ?? ''}`.trimEnd());
    const needed = permission ?? 'that no role has';
    return new DomainError('forbidden', 'permission-missing', `This needs the permission ${needed}.`, { permission });
  }

  private askWho(request: FastifyRequest, reply: FastifyReply, credential: string | undefined): DomainError {
    const reason = credential ? 'credential-refused' : 'credential-missing';
    this.count(request, systemActor(PLATFORM_ORGANIZATION, trailOf(request)), reason);
    reply.header('WWW-Authenticate', credential ? 'Bearer error="invalid_token"' : 'Bearer');
    return credential
      ? new DomainError('unauthenticated', reason, 'The credential is not good, or no longer; sign in again.')
      : new DomainError('unauthenticated', reason, 'Sign in, or send an API key.');
  }

  private count(request: FastifyRequest, actor: Actor, reason: string): void {
    const route = `${request.method} ${request.routeOptions.url ?? ''}`;
    const who = actor.type === 'system' ? request.ip : actor.id;
    this.refusals.count({ type: 'access-refused', actor, who, address: request.ip, route, reason });
  }
}
