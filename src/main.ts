import 'reflect-metadata';
import { createApplication } from './application.js';
import { loadConfiguration } from './platform/config/configuration.js';
import { provideDatabase, type ProvidedDatabase } from './platform/database/provide-database.js';
import { closeOnSignals } from './platform/health/lifecycle.js';
import { DOCS_PATH } from './platform/http/openapi.js';
import { createLogger, type Logger } from './platform/logging/logger.js';
import { seedDemo, seedDemoContent } from './seed/demo.js';

async function start(): Promise<void> {
  const given = loadConfiguration();
  const logger = createLogger(given);
  const database = await provideDatabase(given, (message) => logger.info({ event: 'database-starting' }, message));
  try {
    await serve(database, logger);
  } catch (error) {
    await database.stop();
    throw error;
  }
}

async function serve(database: ProvidedDatabase, logger: Logger): Promise<void> {
  const { configuration, isEmbedded } = database;
  const app = await createApplication(configuration, logger);
  if (isEmbedded && configuration.NODE_ENV === 'development') await seedDemoContent(app, await seedDemo(app, logger));
  closeOnSignals(app, configuration.drainMs, () => database.stop());
  giveBackMemory();
  await app.listen(configuration.PORT, configuration.host);
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  logger.info(
    { event: 'started', role: configuration.PROCESS_ROLE, url },
    `API documents ${url}/${DOCS_PATH} · health ${url}/health/ready · metrics ${url}/metrics · mails ${url}/dev/mail`,
  );
}

/** What a start leaves behind is a fifth of the memory, and a process that is idle would keep it for hours. */
function giveBackMemory(): void {
  // Only there with --expose-gc; of the flavors only this one gives memory back at once.
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

start().catch((error: unknown) => {
  process.stderr.write(`Proviso did not start.\n${error instanceof Error ? error.message : String(error)}\n`);
  if (process.exitCode === undefined) process.exit(1);
});
