import { randomUUID } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { SeedOrganization, type SeedPerson } from '../identity/identity.contract.js';
import { Sql } from '../platform/database/sql.js';
import type { Logger } from '../platform/logging/logger.js';

/** Of everybody in the demo organizations; they exist only on the embedded database, on loopback, in development. */
export const DEMO_PASSWORD = 'demo-password';

const person = (email: string, name: string, role: SeedPerson['roles'][number]): SeedPerson => ({
  email,
  name,
  roles: [role],
  password: DEMO_PASSWORD,
});

/** Makes the two demo organizations unless they are there. */
export async function seedDemo(app: INestApplicationContext, logger: Logger): Promise<void> {
  if (await isSeeded(app.get(Sql))) return;
  const commands = app.get(CommandBus);
  const trail = { correlationId: randomUUID() };
  await commands.execute(
    new SeedOrganization(trail, {
      name: 'Demo Kitchens',
      slug: 'demo',
      people: [
        person('owner@demo.test', 'Olivia Owner', 'owner'),
        person('manager@demo.test', 'Marc Manager', 'manager'),
        person('member@demo.test', 'Mia Member', 'member'),
        person('auditor@demo.test', 'Ada Auditor', 'auditor'),
      ],
    }),
  );
  await commands.execute(
    new SeedOrganization(trail, {
      name: 'Second Kitchens',
      slug: 'second',
      people: [person('owner@second.test', 'Sam Second', 'owner')],
    }),
  );
  logger.info({ event: 'seeded' }, `Two demo organizations are there; sign in as owner@demo.test, ${DEMO_PASSWORD}.`);
}

/** The demo people are known by their first: nobody else may have an address under `.test`. */
async function isSeeded(sql: Sql): Promise<boolean> {
  const { rowCount } = await sql.pool.query("select from authentication.find_person('owner@demo.test')");
  return rowCount === 1;
}
