import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { CommandRunner, Option, SubCommand } from 'nest-commander';
import { FindOrganization, systemActor } from '../identity/identity.contract.js';
import { DomainError } from '../kernel/domain-error.js';
import type { Actor } from '../platform/http/actor.js';
import { readJsonBody } from '../platform/http/json-body.js';
import { ExportRules, type ImportReport, ImportRules, readImport } from '../rules/rules.contract.js';

/** The system at work in an organization that is named by slug or id. @throws not-found */
export async function systemIn(queries: QueryBus, organization: string): Promise<Actor> {
  const organizationId = await queries.execute(new FindOrganization(organization));
  return systemActor(organizationId, { correlationId: randomUUID() });
}

interface ExportOptions {
  readonly organization: string;
  readonly entryPoint?: string;
  readonly tag?: string;
  readonly output?: string;
}

@SubCommand({
  name: 'export',
  description:
    'Writes the newest definitions of rules and what they need as one bundle; the same rules give the same bytes',
})
export class RulesExportCommand extends CommandRunner {
  constructor(private readonly queries: QueryBus) {
    super();
  }

  async run(_parameters: string[], { organization, entryPoint, tag, output }: ExportOptions): Promise<void> {
    const actor = await systemIn(this.queries, organization);
    const bundle = await this.queries.execute(new ExportRules(actor, { entryPoint, tag }));
    const text = `${JSON.stringify(bundle, null, 2)}\n`;
    if (output === undefined) process.stdout.write(text);
    else await writeFile(output, text);
  }

  @Option({ flags: '--organization <slug or id>', description: 'Whose rules', required: true })
  parseOrganization(text: string): string {
    return text;
  }

  @Option({ flags: '--entry-point <name>', description: 'Only rules of this entry point' })
  parseEntryPoint(text: string): string {
    return text;
  }

  @Option({ flags: '--tag <tag>', description: 'Only rules with this tag' })
  parseTag(text: string): string {
    return text;
  }

  @Option({ flags: '--output <file>', description: 'Where to; the standard output unless given' })
  parseOutput(text: string): string {
    return text;
  }
}

interface ImportOptions {
  readonly organization: string;
  readonly file: string;
  readonly publish?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

@SubCommand({
  name: 'import',
  description:
    'Brings rules in line with a bundle, wholly or not at all. Exit code 0: done, or nothing to do. ' +
    'Exit code 1: refused, or with --dry-run something would be done',
})
export class RulesImportCommand extends CommandRunner {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {
    super();
  }

  async run(_parameters: string[], options: ImportOptions): Promise<void> {
    const { organization, file, publish = false, dryRun = false, json = false } = options;
    const bytes = file === '-' ? await buffer(process.stdin) : await readFile(file);
    const actor = await systemIn(this.queries, organization);
    try {
      const input = await readImport({ bundle: readJsonBody(bytes), publish, dryRun });
      const report = await this.commands.execute(new ImportRules(actor, input));
      process.stdout.write(json ? `${JSON.stringify(report)}\n` : describeReport(report));
      if (dryRun && report.changes.length > 0) process.exitCode = 1;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      process.stderr.write(describeRefusal(error));
      process.exitCode = 1;
    }
  }

  @Option({ flags: '--organization <slug or id>', description: 'Where to', required: true })
  parseOrganization(text: string): string {
    return text;
  }

  @Option({ flags: '--file <file>', description: 'What `rules export` wrote; - is the standard input', required: true })
  parseFile(text: string): string {
    return text;
  }

  @Option({ flags: '--publish', description: 'Puts in force what was in force where the bundle was made' })
  parsePublish(): boolean {
    return true;
  }

  @Option({ flags: '--dry-run', description: 'Only tells what would be done' })
  parseDryRun(): boolean {
    return true;
  }

  @Option({ flags: '--json', description: 'The answer of POST /business-rules/import' })
  parseJson(): boolean {
    return true;
  }
}

function describeReport({ applied, changes, created, revised, published, unchanged, refused }: ImportReport): string {
  const lines = changes.flatMap(({ outcome, kind, key, patch = [], errors = [] }) => [
    `${outcome} ${kind} ${key}`,
    ...patch.map((operation) => `  ${JSON.stringify(operation)}`),
    ...errors.map(({ pointer, message }) => `  ${pointer}: ${message}`),
  ]);
  const counts = `${created} created, ${revised} revised, ${published} published, ${unchanged} unchanged`;
  return `${[...lines, `${applied ? 'Done' : 'Would be'}: ${counts}, ${refused} refused.`].join('\n')}\n`;
}

const describeRefusal = ({ message, details: { violations = [] } }: DomainError): string =>
  `${[message, ...violations.map((each) => `  ${each.pointer}: ${each.message}`)].join('\n')}\n`;
