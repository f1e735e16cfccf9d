import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import { ApiBody, ApiConsumes, ApiExtension, ApiHeader } from '@nestjs/swagger';
import type { FastifyContextConfig, FastifyRequest } from 'fastify';
import { DomainError } from '../../kernel/domain-error.js';
import type { Actor } from './actor.js';
import { ApiProblems } from './api-answers.js';
import { STREAM_TYPES } from './body-parser.js';
import { expectedVersionOf, idempotencyOf } from './request-headers.js';

/** Metadata key of the permission that a route asks for. */
export const PERMISSION_METADATA = 'proviso:permission';

/** Metadata key of a route that answers without login. */
export const PUBLIC_METADATA = 'proviso:public';

/** The document's member that says who may call; `public` for anybody. */
export const PERMISSION_EXTENSION = 'x-permission';

type Target = NonNullable<unknown>;

/** The caller needs this permission, `resource:action`. On a class it counts for each method that says nothing itself. */
export const RequirePermission = (permission: string): MethodDecorator & ClassDecorator =>
  applyDecorators(
    SetMetadata(PERMISSION_METADATA, permission),
    SetMetadata(PUBLIC_METADATA, false),
    ApiExtension(PERMISSION_EXTENSION, permission),
  );

/** Anybody may call. On a class it counts for each method that says nothing itself. */
export const Public = (): MethodDecorator & ClassDecorator =>
  applyDecorators(
    SetMetadata(PUBLIC_METADATA, true),
    SetMetadata(PERMISSION_METADATA, undefined),
    ApiExtension(PERMISSION_EXTENSION, 'public'),
  );

/** Who may call a route: anybody, holders of a permission, or nobody, because it does not say. */
export interface Access {
  readonly isPublic: boolean;
  readonly permission?: string;
}

const known = new WeakMap<Target, WeakMap<Target, Access>>();

/** Reads `@RequirePermission` and `@Public` of a method; of its class when the method has neither. */
export function accessOf(handler: Target, controller: Target): Access {
  let ofController = known.get(controller);
  if (!ofController) known.set(controller, (ofController = new WeakMap()));
  let access = ofController.get(handler);
  if (!access) ofController.set(handler, (access = readAccess(handler, controller)));
  return access;
}

function readAccess(handler: Target, controller: Target): Access {
  const source = Reflect.hasMetadata(PUBLIC_METADATA, handler) ? handler : controller;
  const permission = Reflect.getMetadata(PERMISSION_METADATA, source) as string | undefined;
  return {
    isPublic: Reflect.getMetadata(PUBLIC_METADATA, source) === true,
    ...(permission !== undefined && { permission }),
  };
}

const configureRoute =
  (configuration: FastifyContextConfig): MethodDecorator =>
  (_target, _name, descriptor) => {
    const handler = descriptor.value as Target;
    const present = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) as FastifyContextConfig | undefined;
    Reflect.defineMetadata(FASTIFY_ROUTE_CONFIG_METADATA, { ...present, ...configuration }, handler);
  };

/** The route answers without the envelope: probes, metrics, OAuth. */
export const Bare = (): MethodDecorator => configureRoute({ isBare: true });

/** The route answers with events for as long as its caller listens; how long that is tells nothing about the server. */
export const EventStream = (): MethodDecorator => configureRoute({ isBare: true, isEventStream: true });

/** The route takes `text/csv` or `application/x-ndjson` of up to 1 GiB: `@Body() body: Readable`. It takes no JSON. */
export const StreamedBody = (): MethodDecorator =>
  applyDecorators(
    configureRoute({ takesStream: true }),
    ApiConsumes(...STREAM_TYPES),
    ApiBody({ schema: { type: 'string', format: 'binary' } }),
  );

/** The route takes a JSON body of up to so many bytes, instead of the 1 MiB of all others. */
export const JsonBodyLimit = (bytes: number): MethodDecorator => configureRoute({ jsonBodyLimit: bytes });

/** The route finds the bytes of its JSON body in `request.bodyBytes`, because a signature counts for bytes alone. */
export const KeptBodyBytes = (): MethodDecorator => configureRoute({ keepsBodyBytes: true });

const IDEMPOTENT_METADATA = 'proviso:idempotent';

/** The route honours `Idempotency-Key`; the key reaches the unit of work in the actor. */
export const Idempotent = (): MethodDecorator =>
  applyDecorators(
    SetMetadata(IDEMPOTENT_METADATA, true),
    ApiHeader({
      name: 'Idempotency-Key',
      description:
        'Makes a repeated request get the first answer, for 24 hours. The same key with another request: 422.',
      required: false,
      schema: { type: 'string', minLength: 1, maxLength: 255 },
      example: '5f0c8a52-lead-import-17',
    }),
    ApiProblems(409, 422),
  );

/** The caller, as the access guard made it out. @throws unauthenticated when nobody showed who they are */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  if (!request.actor) throw new DomainError('unauthenticated', 'unauthenticated', 'Sign in, or send an API key.');
  if (!Reflect.hasMetadata(IDEMPOTENT_METADATA, context.getHandler())) return request.actor;
  const idempotency = idempotencyOf(request);
  return idempotency ? { ...request.actor, idempotency } : request.actor;
});

/** The version that the caller saw, from `If-Match: "3"`; undefined when it does not matter to them. */
export const ExpectedVersion = createParamDecorator(
  (_: unknown, context: ExecutionContext) => expectedVersionOf(context.switchToHttp().getRequest<FastifyRequest>()),
  [
    (target, name) => {
      const descriptor = Object.getOwnPropertyDescriptor(target, name!)!;
      const decorate = applyDecorators(
        ApiHeader({
          name: 'If-Match',
          description:
            'The ETag that was read before. When somebody else changed the resource since, the answer is 412.',
          required: false,
          schema: { type: 'string', pattern: '^"\\d{1,9}"$' },
          example: '"3"',
        }),
        ApiProblems(412),
      );
      decorate(target, name, descriptor);
    },
  ],
);
