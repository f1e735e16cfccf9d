import { QueryBus } from '@nestjs/cqrs';
import { CommandRunner, Option, SubCommand } from 'nest-commander';
import { isId } from '../kernel/id.js';
import { DiffRuleVersions } from '../rules/rules.contract.js';
import { systemIn } from './rules-bundle.command.js';

interface DiffOptions {
  readonly organization: string;
  readonly rule: string;
  readonly from?: number;
  readonly to?: number;
  readonly json?: boolean;
}

function parseVersion(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${text} is no number of a version.`);
  return Number(text);
}

@SubCommand({
  name: 'diff',
  description:
    'Tells what makes one version of a rule of another. Exit code 0: they say the same. Exit code 1: they differ',
})
export class RulesDiffCommand extends CommandRunner {
  constructor(private readonly queries: QueryBus) {
    super();
  }

  async run(_parameters: string[], { organization, rule, from, to, json = false }: DiffOptions): Promise<void> {
    const actor = await systemIn(this.queries, organization);
    const diff = await this.queries.execute(new DiffRuleVersions(actor, rule, { from, to }));
    const lines = [`Version ${diff.from} → ${diff.to}`, ...diff.patch.map((operation) => JSON.stringify(operation))];
    process.stdout.write(`${json ? JSON.stringify(diff) : lines.join('\n')}\n`);
    if (diff.patch.length > 0) process.exitCode = 1;
  }

  @Option({ flags: '--organization <slug or id>', description: 'Whose rule', required: true })
  parseOrganization(text: string): string {
    return text;
  }

  @Option({ flags: '--rule <id>', description: 'Which rule', required: true })
  parseRule(text: string): string {
    if (!isId(text)) throw new Error(`${text} is no id of a rule.`);
    return text;
  }

  @Option({ flags: '--from <version>', description: 'By default the live one, or else the one before the newest' })
  parseFrom(text: string): number {
    return parseVersion(text);
  }

  @Option({ flags: '--to <version>', description: 'By default the newest' })
  parseTo(text: string): number {
    return parseVersion(text);
  }

  @Option({ flags: '--json', description: 'The answer of GET /business-rules/:id/diff' })
  parseJson(): boolean {
    return true;
  }
}
