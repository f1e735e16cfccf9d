import { randomUUID } from 'node:crypto';
import { QueryBus } from '@nestjs/cqrs';
import { CommandRunner, Option, SubCommand } from 'nest-commander';
import { FindOrganization, systemActor } from '../identity/identity.contract.js';
import { FindRuleConflicts, type RuleConflicts } from '../rules/rules.contract.js';

interface Options {
  readonly organization: string;
  readonly entryPoint: string;
  readonly json?: boolean;
}

@SubCommand({
  name: 'conflicts',
  description: 'Finds what is hardly meant among the live rules of an entry point; ends with 1 when there is something',
})
export class RulesConflictsCommand extends CommandRunner {
  constructor(private readonly queries: QueryBus) {
    super();
  }

  async run(_parameters: string[], { organization, entryPoint, json = false }: Options): Promise<void> {
    const organizationId = await this.queries.execute(new FindOrganization(organization));
    const actor = systemActor(organizationId, { correlationId: randomUUID() });
    const found = await this.queries.execute(new FindRuleConflicts(actor, entryPoint));
    process.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : describe(found));
    if (found.conflicts.length > 0) process.exitCode = 1;
  }

  @Option({ flags: '--organization <slug or id>', description: 'Whose rules', required: true })
  parseOrganization(text: string): string {
    return text;
  }

  @Option({ flags: '--entry-point <name>', description: 'Where they are decided', required: true })
  parseEntryPoint(text: string): string {
    return text;
  }

  @Option({ flags: '--json', description: 'The whole answer as JSON' })
  parseJson(): boolean {
    return true;
  }
}

/** A line for each finding, then how many there are. */
function describe({ entryPoint, ruleCount, revision, conflicts, undecided, isComplete }: RuleConflicts): string {
  const lines = [
    ...conflicts.map(({ kind, message, ruleIds }) => `${kind}: ${message} (${ruleIds.join(', ')})`),
    ...undecided.map(({ kind, message, ruleIds }) => `${kind}? ${message} (${ruleIds.join(', ')})`),
    `${entryPoint}, ${ruleCount} rules, revision ${revision}: ${conflicts.length} conflicts, ${undecided.length} undecided.`,
    ...(isComplete ? [] : ['Not every question was asked: the limit of work or of findings was reached.']),
  ];
  return `${lines.join('\n')}\n`;
}
