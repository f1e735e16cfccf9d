import { randomUUID } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { SeedOrganization, type SeedPerson, systemActor } from '../identity/identity.contract.js';
import { Sql } from '../platform/database/sql.js';
import type { Logger } from '../platform/logging/logger.js';
import { DEFAULT_PAUSE, loadCrm } from './load-crm.js';
import { seedLeads } from './seed-leads.js';

/** Of everybody in the demo organizations; they exist only on the embedded database, on loopback, in development. */
export const DEMO_PASSWORD = 'demo-password';

/** Leads that each demo organization begins with. */
const DEMO_LEADS = 200;

const person = (email: string, name: string, role: SeedPerson['roles'][number]): SeedPerson => ({
  email,
  name,
  roles: [role],
  password: DEMO_PASSWORD,
});

const organizations = [
  {
    name: 'Demo Kitchens',
    slug: 'demo',
    people: [
      person('owner@demo.test', 'Olivia Owner', 'owner'),
      person('manager@demo.test', 'Marc Manager', 'manager'),
      person('member@demo.test', 'Mia Member', 'member'),
      person('auditor@demo.test', 'Ada Auditor', 'auditor'),
    ],
  },
  { name: 'Second Kitchens', slug: 'second', people: [person('owner@second.test', 'Sam Second', 'owner')] },
] as const;

/**
 * Makes the two demo organizations with their people unless they are there.
 * @returns the ids of those that were made
 */
export async function seedDemo(app: INestApplicationContext, logger: Logger): Promise<readonly string[]> {
  if (await isSeeded(app.get(Sql))) return [];
  const commands = app.get(CommandBus);
  const trail = { correlationId: randomUUID() };
  const made: string[] = [];
  for (const organization of organizations) {
    made.push((await commands.execute(new SeedOrganization(trail, organization))).organizationId);
  }
  logger.info({ event: 'seeded' }, `Two demo organizations are there; sign in as owner@demo.test, ${DEMO_PASSWORD}.`);
  return made;
}

/** Gives organizations the shipped rules, workflow and mails, and the same made-up leads. */
export async function seedDemoContent(app: INestApplicationContext, organizationIds: readonly string[]): Promise<void> {
  const buses = { commands: app.get(CommandBus), queries: app.get(QueryBus) };
  for (const organizationId of organizationIds) {
    const actor = systemActor(organizationId, { correlationId: randomUUID() });
    await loadCrm(buses, actor, DEFAULT_PAUSE);
    await seedLeads(buses.commands, actor, 0, DEMO_LEADS);
  }
}

/** The demo people are known by their first: nobody else may have an address under `.test`. */
async function isSeeded(sql: Sql): Promise<boolean> {
  const { rowCount } = await sql.pool.query("select from authentication.find_person('owner@demo.test')");
  return rowCount === 1;
}
