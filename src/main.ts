import 'reflect-metadata';
import { createApplication } from './application.js';
import { type Configuration, loadConfiguration } from './platform/config/configuration.js';
import { provideDatabase, type ProvidedDatabase } from './platform/database/provide-database.js';
import { closeOnSignals } from './platform/health/lifecycle.js';
import { DOCS_PATH } from './platform/http/openapi.js';
import { createLogger, type Logger } from './platform/logging/logger.js';
import { seedDemo } from './seed/demo.js';

/** How long requests are served after readiness turned off, so that balancers see it. */
const drainMsOf = ({ isProduction }: Configuration): number => (isProduction ? 5_000 : 250);

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
  if (isEmbedded && configuration.NODE_ENV === 'development') await seedDemo(app, logger);
  closeOnSignals(app, drainMsOf(configuration), () => database.stop());
  await app.listen(configuration.PORT, configuration.host);
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  logger.info(
    { event: 'started', role: configuration.PROCESS_ROLE, url },
    `API documents ${url}/${DOCS_PATH} · health ${url}/health/ready · metrics ${url}/metrics · mails ${url}/dev/mail`,
  );
}

start().catch((error: unknown) => {
  process.stderr.write(`Proviso did not start.\n${error instanceof Error ? error.message : String(error)}\n`);
  if (process.exitCode === undefined) process.exit(1);
});
