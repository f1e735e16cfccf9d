import { Command, CommandRunner } from 'nest-commander';
import { RulesBacktestCommand } from './rules-backtest.command.js';
import { RulesExportCommand, RulesImportCommand } from './rules-bundle.command.js';
import { RulesConflictsCommand } from './rules-conflicts.command.js';
import { RulesDiffCommand } from './rules-diff.command.js';

/** What the command `rules` can do. */
export const rulesSubcommands = [
  RulesExportCommand,
  RulesImportCommand,
  RulesDiffCommand,
  RulesConflictsCommand,
  RulesBacktestCommand,
];

@Command({ name: 'rules', description: 'Rules as files, and what can be said of them', subCommands: rulesSubcommands })
export class RulesCommand extends CommandRunner {
  async run(): Promise<void> {
    this.command.help();
  }
}
