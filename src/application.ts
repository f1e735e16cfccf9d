import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { DomainError } from './kernel/domain-error.js';
import type { Configuration } from './platform/config/configuration.js';
import { API_PREFIX, applicationOptions, configureHttp, createAdapter } from './platform/http/configure-http.js';
import { serveDocs } from './platform/http/openapi.js';
import type { Logger } from './platform/logging/logger.js';

/** Makes the application as `main` runs it, ready to listen. The database must be there and migrated. */
export async function createApplication(configuration: Configuration, logger: Logger): Promise<NestFastifyApplication> {
  const module = AppModule.forRoot(configuration, logger);
  const app = await NestFactory.create<NestFastifyApplication>(module, createAdapter(), applicationOptions(logger));
  await configureHttp(app, configuration);
  if (configuration.PROCESS_ROLE === 'worker') refuseApi(app);
  else serveDocs(app);
  await app.init();
  return app;
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
