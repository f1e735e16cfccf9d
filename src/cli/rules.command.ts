import { Command, CommandRunner } from 'nest-commander';
import { RulesBacktestCommand } from './rules-backtest.command.js';

/** What the command `rules` can do. */
export const rulesSubcommands = [RulesBacktestCommand];

@Command({ name: 'rules', description: 'Rules', subCommands: rulesSubcommands })
export class RulesCommand extends CommandRunner {
  async run(): Promise<void> {
    this.command.help();
  }
}
