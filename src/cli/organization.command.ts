import { randomUUID } from 'node:crypto';
import { CommandBus } from '@nestjs/cqrs';
import { Command, CommandRunner, Option, SubCommand } from 'nest-commander';
import { CreateOrganization } from '../identity/identity.contract.js';

interface Options {
  readonly name: string;
  readonly owner: string;
  readonly slug?: string;
}

@SubCommand({ name: 'create', description: 'Makes an organization and prints a one-time invitation for its owner' })
export class CreateOrganizationCommand extends CommandRunner {
  constructor(private readonly commands: CommandBus) {
    super();
  }

  async run(_parameters: string[], { name, owner, slug }: Options): Promise<void> {
    const input = { name, ownerEmail: owner, ...(slug !== undefined && { slug }) };
    const created = await this.commands.execute(new CreateOrganization({ correlationId: randomUUID() }, input));
    process.stdout.write(
      [
        `Organization ${created.slug} (${created.organizationId}) was made.`,
        `Invitation for ${owner}, good once until ${created.expiresAt}:`,
        created.invitationToken,
        'Take it with POST /api/v1/auth/invitations/accept {"token": …, "password": …}.',
        '',
      ].join('\n'),
    );
  }

  @Option({ flags: '--name <name>', description: 'Name of the organization', required: true })
  parseName(text: string): string {
    return text;
  }

  @Option({ flags: '--owner <email>', description: 'E-mail of its owner', required: true })
  parseOwner(text: string): string {
    if (!/^[^\s@]+@[^\s@]+$/.test(text)) throw new Error(`${text} is no e-mail address.`);
    return text;
  }

  @Option({ flags: '--slug <slug>', description: 'Short name for sign-ins; made from the name unless given' })
  parseSlug(text: string): string {
    return text;
  }
}

@Command({ name: 'organization', description: 'Organizations', subCommands: [CreateOrganizationCommand] })
export class OrganizationCommand extends CommandRunner {
  async run(): Promise<void> {
    this.command.help();
  }
}
