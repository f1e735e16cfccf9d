import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Inject, Module } from '@nestjs/common';
import { Command, CommandRunner, Option, SubCommand } from 'nest-commander';
import { adoptRows } from '../audit/adoption.js';
import { auditedOrganizations } from '../audit/audited-organizations.js';
import { verifyTrail, type TrailHead, type TrailReport } from '../audit/proof/verify.js';
import { headOf } from '../audit/queries/audit-head.js';
import { exportOf } from '../audit/queries/export-trail.js';
import { Recorder } from '../audit/recorder.js';
import { TrailSnapshot, trailPool } from '../audit/store/trail-snapshot.js';
import { systemActor } from '../identity/identity.contract.js';
import { invalid } from '../kernel/domain-error.js';
import { isId, PLATFORM_ORGANIZATION } from '../kernel/id.js';
import { isObject } from '../kernel/json.js';
import { CONFIGURATION } from '../platform/config/config.module.js';
import type { Configuration } from '../platform/config/configuration.js';
import { Pools } from '../platform/database/pools.js';

const print = (line: string): unknown => process.stdout.write(`${line}\n`);

function parseOrganization(text: string): string {
  if (!isId(text)) throw new Error(`${text} is no id of an organization.`);
  return text;
}

/** The trails of all organizations, for commands. */
export class Trails {
  constructor(private readonly pools: Pools) {}

  /** Ids of those that have one. */
  organizations(): Promise<string[]> {
    return auditedOrganizations(this.pools.get('sealer', { role: 'sealer', max: 1 }));
  }

  async head(organizationId: string): Promise<TrailHead> {
    return this.within(organizationId, async (snapshot) => headOf(organizationId, await snapshot.lastSeal()));
  }

  /** Verifies the whole trail. */
  verify(organizationId: string, head: TrailHead | undefined): Promise<TrailReport> {
    return this.within(organizationId, async (snapshot) => verifyTrail({ ...(await snapshot.source()), head }));
  }

  /** Writes the whole trail into a new file. @throws Error when the file exists already */
  async export(organizationId: string, file: string): Promise<void> {
    const lines = await exportOf(trailPool(this.pools), { organizationId, range: {}, format: 'ndjson' });
    await pipeline(lines, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
  }

  private async within<R>(organizationId: string, work: (snapshot: TrailSnapshot) => Promise<R>): Promise<R> {
    const snapshot = await TrailSnapshot.open(trailPool(this.pools), organizationId);
    try {
      return await work(snapshot);
    } finally {
      await snapshot.close();
    }
  }
}

interface VerifyOptions {
  readonly organization?: string;
  readonly head?: string;
  readonly json?: boolean;
}

@SubCommand({
  name: 'verify',
  description: 'Verifies the trails of all organizations; exit code 1 when one has faults',
})
export class AuditVerifyCommand extends CommandRunner {
  constructor(private readonly trails: Trails) {
    super();
  }

  async run(_parameters: string[], { organization, head: file, json = false }: VerifyOptions): Promise<void> {
    const heads = file === undefined ? [] : parseHeads(await readFile(file, 'utf8'));
    const known = organization === undefined ? await this.trails.organizations() : [organization];
    const expected = organization === undefined ? heads.map((head) => head.organizationId) : [];
    for (const id of new Set([...known, ...expected])) {
      const head = heads.find(({ organizationId }) => organizationId === id);
      const report = await this.trails.verify(id, head);
      print(json ? JSON.stringify({ organizationId: id, ...report }) : describeReport(id, report));
      if (!report.ok) process.exitCode = 1;
    }
  }

  @Option({ flags: '--organization <id>', description: 'Only this organization' })
  parseOrganization(text: string): string {
    return parseOrganization(text);
  }

  @Option({ flags: '--head <file>', description: 'Heads kept elsewhere, from `audit head` or GET /audit/head' })
  parseHead(text: string): string {
    return text;
  }

  @Option({ flags: '--json', description: 'One JSON object a trail' })
  parseJson(): boolean {
    return true;
  }
}

/** One head a line, or a single one however it is written. @throws invalid `audit-head-malformed` */
export function parseHeads(text: string): TrailHead[] {
  try {
    const whole = text.trim();
    const values = whole.includes('}\n{') ? whole.split('\n').filter(Boolean) : [whole];
    return values.map((value) => headFrom(JSON.parse(value)));
  } catch (cause) {
    throw invalid(
      'audit-head-malformed',
      'The file of --head must hold {"organizationId", "treeSize", "root"}, one a line.',
      { cause },
    );
  }
}

function headFrom(value: unknown): TrailHead {
  if (!isObject(value)) throw new TypeError('A head is an object.');
  const { organizationId, treeSize, root } = value;
  if (typeof organizationId !== 'string' || typeof root !== 'string' || typeof treeSize !== 'number')
    throw new TypeError('A head has organizationId, treeSize and root.');
  return { organizationId, treeSize, root };
}

function describeReport(organizationId: string, report: TrailReport): string {
  const { ok, treeSize, events, unsealed, keyIds, faults, findings, root } = report;
  const facts = `${events} events, ${unsealed} not sealed yet, tree of ${treeSize} leaves, root ${root}`;
  const signers = `keys ${keyIds.join(', ') || 'none'}`;
  const faultLines = findings.map(({ kind, index, eventId, message }) => {
    const where = `${index === undefined ? '' : ` leaf=${index}`}${eventId === undefined ? '' : ` event=${eventId}`}`;
    return `  FAULT ${kind}${where}: ${message}`;
  });
  const verdict = ok ? 'nothing wrong' : `${faults} fault(s)`;
  return [`${organizationId}: ${verdict}; ${facts}; ${signers}`, ...faultLines].join('\n');
}

interface ExportOptions {
  readonly organization: string;
  readonly output: string;
}

@SubCommand({ name: 'export', description: 'Writes a trail into a new file, to be verified by verify-export.mjs' })
export class AuditExportCommand extends CommandRunner {
  constructor(private readonly trails: Trails) {
    super();
  }

  async run(_parameters: string[], { organization, output }: ExportOptions): Promise<void> {
    await this.trails.export(organization, output);
    print(`Exported to ${output}; verify it anywhere with: node scripts/verify-export.mjs ${output}`);
  }

  @Option({ flags: '--organization <id>', description: 'Whose trail', required: true })
  parseOrganization(text: string): string {
    return parseOrganization(text);
  }

  @Option({ flags: '--output <file>', description: 'File to make', required: true })
  parseOutput(text: string): string {
    return text;
  }
}

@SubCommand({ name: 'head', description: 'Prints the heads of all trails, one a line, to be kept elsewhere' })
export class AuditHeadCommand extends CommandRunner {
  constructor(private readonly trails: Trails) {
    super();
  }

  async run(_parameters: string[], { organization }: { readonly organization?: string }): Promise<void> {
    const ids = organization === undefined ? await this.trails.organizations() : [organization];
    for (const id of ids) print(JSON.stringify(await this.trails.head(id)));
  }

  @Option({ flags: '--organization <id>', description: 'Only this organization' })
  parseOrganization(text: string): string {
    return parseOrganization(text);
  }
}

@SubCommand({ name: 'adopt', description: 'Takes over rows that were copied here from another PostgreSQL cluster' })
export class AuditAdoptCommand extends CommandRunner {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly pools: Pools,
  ) {
    super();
  }

  async run(): Promise<void> {
    const recorder = new Recorder(this.pools.get('recorder', { role: 'recorder', max: 1 }));
    const ownerUrl = this.configuration.MIGRATION_DATABASE_URL ?? this.configuration.databaseUrl!;
    const actor = systemActor(PLATFORM_ORGANIZATION, { correlationId: randomUUID() });
    const { epoch, isNew } = await adoptRows(actor, { ownerUrl, recorder });
    print(
      isNew
        ? `Adopted; epoch ${epoch} begins. The copied rows are relayed and sealed as soon as a worker runs.`
        : `Nothing to do: these rows belong to this cluster (epoch ${epoch}).`,
    );
  }
}

@Command({
  name: 'audit',
  description: 'The audit trail',
  subCommands: [AuditVerifyCommand, AuditExportCommand, AuditHeadCommand, AuditAdoptCommand],
})
export class AuditCommand extends CommandRunner {
  async run(): Promise<void> {
    this.command.help();
  }
}

/**
 * All that these commands need beside the settings: not the application, which refuses to start on rows of another
 * cluster until they are adopted.
 */
@Module({
  providers: [
    {
      provide: Pools,
      inject: [CONFIGURATION],
      useFactory: ({ databaseUrl }: Configuration) => new Pools(databaseUrl!),
    },
    { provide: Trails, inject: [Pools], useFactory: (pools: Pools) => new Trails(pools) },
    AuditCommand,
    AuditVerifyCommand,
    AuditExportCommand,
    AuditHeadCommand,
    AuditAdoptCommand,
  ],
})
export class AuditCommandsModule {}
