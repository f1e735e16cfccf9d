import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { malformed } from '../../kernel/domain-error.js';
import { type LogContext, withLogContext } from '../logging/log-context.js';
import type { Logger } from '../logging/logger.js';
import type { Metrics } from '../metrics/metrics.js';
import type { SlowOperations } from '../metrics/slow-operations.js';
import { wrapAnswer } from './envelope.js';
import { API_PREFIX } from './api-prefix.js';
import { CORRELATION_HEADER } from './request-headers.js';
import { API_SECURITY_HEADERS, SECURITY_HEADERS } from './security-headers.js';

const API_PATH = `/${API_PREFIX}/`;

/** Adds what happens around each request: its trail, the check of its URL, the envelope, its log line and figures. */
export function addRequestHooks(instance: FastifyInstance, observers: RequestObservers): void {
  instance.decorateRequest('actor');
  instance.decorateRequest('route');
  instance.addHook('onRequest', (request, reply, done) => {
    const { id, url } = request;
    request.route = request.routeOptions;
    reply.headers(url.startsWith(API_PATH) ? API_SECURITY_HEADERS : SECURITY_HEADERS).header(CORRELATION_HEADER, id);
    const urlFault = urlFaultOf(url);
    withLogContext(new RequestLogContext(request), () => done(urlFault));
  });
  instance.addHook('preSerialization', wrapAnswer);
  instance.addHook('onResponse', (request, reply, done) => {
    observe(request, reply, observers);
    done();
  });
}

/** What the lines of a request carry; its organization is known once its caller is. */
class RequestLogContext implements LogContext {
  constructor(private readonly request: FastifyRequest) {}

  get correlationId(): string {
    return this.request.id;
  }

  get organizationId(): string | undefined {
    return this.request.actor?.organizationId;
  }
}

/** Who wants to know of an answered request. */
export interface RequestObservers {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly slowOperations: SlowOperations;
}

/** The router decodes leniently, and its parser of queries keeps what it cannot decode. */
function urlFaultOf(url: string): Error | undefined {
  if (!url.includes('%')) return undefined;
  const message = 'The URL holds a character that it must not hold, or a broken percent-encoding of UTF-8.';
  try {
    return decodeURIComponent(url).includes('\0') ? malformed('invalid-url', message) : undefined;
  } catch {
    return malformed('invalid-url', message);
  }
}

const probes = new Set(['/health', '/health/live', '/health/ready', '/ready', '/metrics']);

function observe(
  request: FastifyRequest,
  reply: FastifyReply,
  { logger, metrics, slowOperations }: RequestObservers,
): void {
  const { method, is404, id, actor } = request;
  const { url, config } = request.route ?? request.routeOptions;
  const route = is404 ? 'unmatched' : (url ?? 'unmatched');
  const status = reply.statusCode;
  const durationMs = reply.elapsedTime;
  metrics.requests.inc({ method, route, status });
  const line = {
    event: 'request',
    method,
    route,
    status,
    correlationId: id,
    organizationId: actor?.organizationId,
    actorId: actor?.id,
    durationMs: Math.round(durationMs * 10) / 10,
  };
  if (probes.has(route)) logger.debug(line);
  else logger.info(line);
  if (config?.isEventStream) return;
  metrics.requestDuration.observe({ method, route }, durationMs / 1000);
  slowOperations.observe('http', durationMs, line);
}
