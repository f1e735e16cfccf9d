import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { createApplication } from '../../src/application.js';
import { systemActor } from '../../src/identity/identity.contract.js';
import { newId } from '../../src/kernel/id.js';
import { loadConfiguration } from '../../src/platform/config/configuration.js';
import { createLogger } from '../../src/platform/logging/logger.js';
import { seedDemo } from '../../src/seed/demo.js';
import { loadCrm } from '../../src/seed/load-crm.js';
import { madeUpLead } from '../../src/seed/made-up-leads.js';

/** An empty, migrated database that is to hold the demo organizations. */
export interface EmptyDemo {
  readonly databaseUrl: string;
  /** Of the processes that will serve it: they share its keys. */
  readonly dataFolder: string;
  /** Between the two mails of the welcome workflow. */
  readonly pause: string;
}

/**
 * Makes the demo organizations and gives the first one the shipped rules, workflow and mails.
 * @returns its id
 */
export async function loadDemo({ databaseUrl, dataFolder, pause }: EmptyDemo): Promise<string> {
  const configuration = loadConfiguration({
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    PROCESS_ROLE: 'api',
    DATABASE_URL: databaseUrl,
    DATA_FOLDER: dataFolder,
    DB_POOL_SIZE: '4',
  });
  const logger = createLogger(configuration);
  const app = await createApplication(configuration, logger);
  try {
    const [organizationId] = await seedDemo(app, logger);
    const actor = systemActor(organizationId!, { correlationId: newId() });
    await loadCrm({ commands: app.get(CommandBus), queries: app.get(QueryBus) }, actor, pause);
    return organizationId!;
  } finally {
    await app.close();
  }
}

/** Made-up leads from `from` on, of which every eighth or so makes the shipped rules send two mails. */
export const leadsFrom = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => madeUpLead(from + index));

/** Those to whom the shipped rules write. */
export const interestedAmong = (leads: ReturnType<typeof leadsFrom>) =>
  leads.filter(({ source }) => source === 'trade_show');

/** An upload with one of the rows a line. */
export const ndjson = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
