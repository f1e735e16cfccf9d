import { randomUUID } from 'node:crypto';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { Command, CommandRunner, Option } from 'nest-commander';
import { FindOrganization, systemActor } from '../identity/identity.contract.js';
import { DEFAULT_PAUSE, loadCrm } from '../seed/load-crm.js';

interface Options {
  readonly organization: string;
  readonly set: 'crm';
}

@Command({
  name: 'seed',
  description: 'Loads shipped rules, workflows and mail templates into an organization; loading again does no harm',
})
export class SeedCommand extends CommandRunner {
  constructor(
    readonly commands: CommandBus,
    readonly queries: QueryBus,
  ) {
    super();
  }

  async run(_parameters: string[], { organization, set }: Options): Promise<void> {
    const organizationId = await this.queries.execute(new FindOrganization(organization));
    const actor = systemActor(organizationId, { correlationId: randomUUID() });
    const { rules, workflows, templates } = await loadCrm(this, actor, DEFAULT_PAUSE);
    process.stdout.write(
      `Set ${set} in ${organization}: ${rules} rules, ${workflows} workflows and ${templates} mail templates were new.\n`,
    );
  }

  @Option({ flags: '--organization <slug or id>', description: 'Where to', required: true })
  parseOrganization(text: string): string {
    return text;
  }

  @Option({ flags: '--set <name>', description: 'What to load: crm', required: true })
  parseSet(text: string): string {
    if (text !== 'crm') throw new Error(`There is no set ${text}; there is crm.`);
    return text;
  }
}
