import { randomUUID } from 'node:crypto';
import { CommandBus } from '@nestjs/cqrs';
import { Command, CommandRunner, Option, SubCommand } from 'nest-commander';
import { CreateOpsKey } from '../identity/identity.contract.js';

const DAY_MS = 86_400_000;

interface Options {
  readonly name: string;
  readonly days: number;
}

@SubCommand({ name: 'create', description: 'Prints a new API key of the platform, which sees all organizations' })
export class CreateOpsKeyCommand extends CommandRunner {
  constructor(private readonly commands: CommandBus) {
    super();
  }

  async run(_parameters: string[], { name, days }: Options): Promise<void> {
    const expiresAt = new Date(Date.now() + days * DAY_MS);
    const { token } = await this.commands.execute(new CreateOpsKey({ correlationId: randomUUID() }, name, expiresAt));
    process.stdout.write(`${token}\n`);
  }

  @Option({ flags: '--name <name>', description: 'What the key is for', defaultValue: 'operations' })
  parseName(text: string): string {
    return text;
  }

  @Option({ flags: '--days <days>', description: 'Days that it works, at most 366', defaultValue: 90 })
  parseDays(text: string): number {
    const days = Number(text);
    if (!Number.isInteger(days) || days < 1 || days > 366) throw new Error('--days is a whole number from 1 to 366.');
    return days;
  }
}

@Command({ name: 'ops-key', description: 'API keys of the platform', subCommands: [CreateOpsKeyCommand] })
export class OpsKeyCommand extends CommandRunner {
  async run(): Promise<void> {
    this.command.help();
  }
}
