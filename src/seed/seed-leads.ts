import type { CommandBus } from '@nestjs/cqrs';
import { CreateLead } from '../crm/crm.contract.js';
import type { Actor } from '../platform/http/actor.js';
import { madeUpLead } from './made-up-leads.js';

/** Side by side; more would only queue for connections. */
const AT_ONCE = 4;

/** Creates made-up leads `from` to `from + count - 1` in the actor's organization. @throws conflict `duplicate-lead` */
export async function seedLeads(commands: CommandBus, actor: Actor, from: number, count: number): Promise<void> {
  const numbers = Array.from({ length: count }, (_, index) => from + index).values();
  const create = async (): Promise<void> => {
    for (const number of numbers) await commands.execute(new CreateLead(actor, madeUpLead(number)));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, create));
}
