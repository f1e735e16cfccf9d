import { Command, CommandRunner } from 'nest-commander';
import { RulesConflictsCommand } from './rules-conflicts.command.js';

@Command({ name: 'rules', description: 'Rules', subCommands: [RulesConflictsCommand] })
export class RulesCommand extends CommandRunner {
  async run(): Promise<void> {
    this.command.help();
  }
}
