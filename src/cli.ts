import 'reflect-metadata';
import { type DynamicModule, Module } from '@nestjs/common';
import { CommandFactory } from 'nest-commander';
import { AppModule } from './app.module.js';
import { AuditCommandsModule } from './cli/audit.command.js';
import { DatabaseCommand, databaseSubcommands } from './cli/database.command.js';
import { OpenapiCommand } from './cli/openapi.command.js';
import { CreateOpsKeyCommand, OpsKeyCommand } from './cli/ops-key.command.js';
import { CreateOrganizationCommand, OrganizationCommand } from './cli/organization.command.js';
import { RulesCommand, rulesSubcommands } from './cli/rules.command.js';
import { SeedCommand } from './cli/seed.command.js';
import { DomainError } from './kernel/domain-error.js';
import { ConfigModule } from './platform/config/config.module.js';
import { type Configuration, describeConfiguration, loadConfiguration } from './platform/config/configuration.js';
import { provideDatabase } from './platform/database/provide-database.js';
import { createLogger, type Logger } from './platform/logging/logger.js';

/** The application without its workers, and the commands. */
@Module({})
class CliModule {
  static forRoot(configuration: Configuration, logger: Logger): DynamicModule {
    return {
      module: CliModule,
      imports: [AppModule.forRoot(configuration, logger)],
      providers: [
        OrganizationCommand,
        CreateOrganizationCommand,
        OpsKeyCommand,
        CreateOpsKeyCommand,
        OpenapiCommand,
        SeedCommand,
        RulesCommand,
        ...rulesSubcommands,
        DatabaseCommand,
        ...databaseSubcommands,
      ],
    };
  }
}

/** The audit commands must run on rows that the application refuses until they are adopted. */
const moduleFor = (command: string | undefined, configuration: Configuration, logger: Logger): DynamicModule =>
  command === 'audit'
    ? { module: AuditCommandsModule, imports: [ConfigModule.forRoot(configuration)] }
    : CliModule.forRoot(configuration, logger);

async function run(): Promise<void> {
  const given = loadConfiguration();
  const command = process.argv[2];
  if (command === 'config') {
    process.stdout.write(`${describeConfiguration(given).join('\n')}\n`);
    return;
  }
  const logger = createLogger({ ...given, LOG_LEVEL: given.LOG_LEVEL === 'info' ? 'warn' : given.LOG_LEVEL });
  const database = await provideDatabase(given, (message) => process.stderr.write(`${message}\n`));
  try {
    const configuration: Configuration = { ...database.configuration, PROCESS_ROLE: 'api' };
    const app = await CommandFactory.createWithoutRunning(moduleFor(command, configuration, logger), {
      logger: false,
      abortOnError: false,
      errorHandler: fail,
      serviceErrorHandler: fail,
    });
    try {
      await CommandFactory.runApplication(app);
    } finally {
      await app.close();
    }
  } finally {
    await database.stop();
  }
}

/** Says what went wrong in the words of the domain; a stack is for faults of the program. */
function fail(error: unknown): void {
  if (isHelp(error)) return;
  const isToldToPeople = error instanceof DomainError || (error as { code?: unknown }).code !== undefined;
  const { message, stack } = error as Error;
  process.stderr.write(`${isToldToPeople ? message : (stack ?? message)}\n`);
  process.exitCode = 1;
}

/** The command library ends help and versions by an error of its own. */
const isHelp = (error: unknown): boolean =>
  /^commander\.(help|helpDisplayed|version)$/.test(String((error as { code?: unknown }).code));

run().then(
  () => process.exit(),
  (error: unknown) => {
    fail(error);
    process.exit(1);
  },
);
