import { MikroORM } from '@mikro-orm/postgresql';
import { Command, CommandRunner, SubCommand } from 'nest-commander';
import { InjectConfiguration } from '../platform/config/config.module.js';
import type { Configuration } from '../platform/config/configuration.js';
import { mappingDrift } from '../platform/database/mapping-drift.js';
import { migrationStatus } from '../platform/database/migrate.js';

@SubCommand({ name: 'migrate', description: 'Brings the schema up to date' })
export class MigrateCommand extends CommandRunner {
  constructor(@InjectConfiguration() private readonly configuration: Configuration) {
    super();
  }

  /** Every command begins with the migration, so that nothing is left to do but to say so. */
  async run(): Promise<void> {
    const { length } = await statusOf(this.configuration);
    process.stdout.write(`The schema is up to date with ${length} migrations.\n`);
  }
}

@SubCommand({ name: 'status', description: 'Lists the migrations, done and open' })
export class MigrationStatusCommand extends CommandRunner {
  constructor(@InjectConfiguration() private readonly configuration: Configuration) {
    super();
  }

  async run(): Promise<void> {
    for (const { name, executedAt } of await statusOf(this.configuration)) {
      process.stdout.write(`${executedAt?.toISOString() ?? 'open                    '}  ${name}\n`);
    }
  }
}

@SubCommand({ name: 'check', description: 'Proves that the migrations and the mapping agree' })
export class CheckMappingCommand extends CommandRunner {
  constructor(private readonly orm: MikroORM) {
    super();
  }

  async run(): Promise<void> {
    const drift = await mappingDrift(this.orm);
    process.stdout.write(drift.length === 0 ? 'Migrations and mapping agree.\n' : `${drift.join('\n')}\n`);
    if (drift.length > 0) process.exitCode = 1;
  }
}

export const databaseSubcommands = [MigrateCommand, MigrationStatusCommand, CheckMappingCommand];

@Command({ name: 'database', description: 'The schema of the database', subCommands: databaseSubcommands })
export class DatabaseCommand extends CommandRunner {
  async run(): Promise<void> {
    this.command.help();
  }
}

const statusOf = (configuration: Configuration) =>
  migrationStatus(configuration.MIGRATION_DATABASE_URL ?? configuration.databaseUrl!);
