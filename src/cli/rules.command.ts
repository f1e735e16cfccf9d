import { Command, CommandRunner } from 'nest-commander';
import { RulesExportCommand, RulesImportCommand } from './rules-bundle.command.js';
import { RulesDiffCommand } from './rules-diff.command.js';

/** What the command `rules` can do. */
export const rulesSubcommands = [RulesExportCommand, RulesImportCommand, RulesDiffCommand];

@Command({ name: 'rules', description: 'Rules as files, for pipelines', subCommands: rulesSubcommands })
export class RulesCommand extends CommandRunner {
  async run(): Promise<void> {
    this.command.help();
  }
}
