// Migrates the database and runs `audit …` of the compiled program by itself, for suites: the command library does not
// load inside of Jest, and migrations are found compiled alone.
import 'reflect-metadata';
import { CommandFactory } from 'nest-commander';
import { importBuilt } from './test-folders.mjs';

const { AuditCommandsModule } = await importBuilt('cli/audit.command.js');
const { ConfigModule } = await importBuilt('platform/config/config.module.js');
const { loadConfiguration } = await importBuilt('platform/config/configuration.js');
const { migrate } = await importBuilt('platform/database/migrate.js');

const configuration = loadConfiguration();
await migrate(configuration.databaseUrl);
const module = { module: AuditCommandsModule, imports: [ConfigModule.forRoot(configuration)] };
await CommandFactory.run(module, { logger: false });
