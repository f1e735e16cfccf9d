import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { OperatorLogin } from './identity/identity.contract.js';
import { DomainError } from './kernel/domain-error.js';
import type { Configuration } from './platform/config/configuration.js';
import { API_PREFIX } from './platform/http/api-prefix.js';
import { applicationOptions, configureHttp, createAdapter } from './platform/http/configure-http.js';
import { serveDocs } from './platform/http/openapi.js';
import type { Logger } from './platform/logging/logger.js';
import { serveQueueBoard } from './platform/queue/queue-board.js';
import { Queues } from './platform/queue/queues.js';

/** Makes the application as `main` runs it, ready to listen. The database must be there and migrated. */
export async function createApplication(configuration: Configuration, logger: Logger): Promise<NestFastifyApplication> {
  const module = AppModule.forRoot(configuration, logger);
  const app = await NestFactory.create<NestFastifyApplication>(module, createAdapter(), applicationOptions(logger));
  await configureHttp(app, configuration);
  if (configuration.PROCESS_ROLE === 'worker') refuseApi(app);
  else servePages(app);
  await app.init();
  return app;
}

/** What people open in a browser: the documents of the API, and the queues for operators. */
function servePages(app: NestFastifyApplication): void {
  serveDocs(app);
  const operators = app.get(OperatorLogin);
  serveQueueBoard(app.getHttpAdapter().getInstance(), app.get(Queues).all, (request, reply) =>
    operators.admit(request, reply),
  );
}

/** A worker answers probes and the scraper, nobody else. */
function refuseApi(app: NestFastifyApplication): void {
  const instance = app.getHttpAdapter().getInstance();
  instance.addHook('onRequest', async ({ url }) => {
    if (!url.startsWith(`/${API_PREFIX}/`)) return;
    throw new DomainError(
      'not-found',
      'no-api-here',
      'This process is a worker; send the request to one that serves the API.',
    );
  });
}
