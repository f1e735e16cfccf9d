import './fastify-augmentation.js';
import type { IncomingMessage } from 'node:http';
import type { NestApplicationOptions } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Configuration } from '../config/configuration.js';
import { FrameworkLogs } from '../logging/framework-logs.js';
import { Logger } from '../logging/logger.js';
import { Metrics } from '../metrics/metrics.js';
import { SlowOperations } from '../metrics/slow-operations.js';
import { API_PREFIX } from './api-prefix.js';
import { addBodyParsers } from './body-parser.js';
import { answerBrokenRequest, answerFrameworkError } from './early-problems.js';
import { correlationIdOf } from './request-headers.js';
import { addRequestHooks } from './request-hooks.js';

const WITHOUT_PREFIX = ['health', 'health/live', 'health/ready', 'ready', 'metrics', 'dev', 'dev/*path'];

/** The longest a caller may take to send a request; a stream of 1 GiB needs 4.7 Mbit/s then. */
const REQUEST_TIMEOUT_MS = 30 * 60_000;

/** The HTTP server under the framework. */
export function createAdapter(): FastifyAdapter {
  const adapter = new FastifyAdapter({
    genReqId: ({ headers }: IncomingMessage) => correlationIdOf(headers),
    requestIdHeader: false,
    trustProxy: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Requests are served until the process has drained; then only idle connections are cut.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerBrokenRequest,
  });
  addBodyParsers(adapter.getInstance());
  return adapter;
}

/** How the application must be made upon that adapter. */
export const applicationOptions = (logger: Logger): NestApplicationOptions => ({
  bodyParser: false,
  abortOnError: false,
  logger: new FrameworkLogs(logger),
});

/** Sets up all that requests have in common. To be called after the application is made and before it is initialized. */
export async function configureHttp(
  app: NestFastifyApplication,
  configuration: Pick<Configuration, 'CORS_ORIGINS'>,
): Promise<void> {
  app.setGlobalPrefix(API_PREFIX, { exclude: WITHOUT_PREFIX });
  // Without a listed origin no browser is answered to, and requests need not ask.
  if (configuration.CORS_ORIGINS.length > 0) answerBrowsersOf(app, configuration.CORS_ORIGINS);
  addRequestHooks(app.getHttpAdapter().getInstance(), {
    logger: app.get(Logger),
    metrics: app.get(Metrics),
    slowOperations: app.get(SlowOperations),
  });
}

function answerBrowsersOf(app: NestFastifyApplication, origins: readonly string[]): void {
  app.enableCors({
    origin: [...origins],
    exposedHeaders: ['ETag', 'Location', 'Retry-After', 'X-Correlation-Id', 'RateLimit', 'RateLimit-Policy'],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    maxAge: 600,
    strictPreflight: false,
  });
}
