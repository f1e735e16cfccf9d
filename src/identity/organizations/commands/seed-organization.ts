import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Unit, UnitOfWork } from '../../../audit/audit.contract.js';
import { newId } from '../../../kernel/id.js';
import type { Role } from '../../access/permissions.js';
import { systemActor, type Trail } from '../../access/system-actor.js';
import { hashPassword } from '../../sessions/passwords.js';
import { Member } from '../../users/member.js';
import { ensurePerson, setFirstPassword } from '../../users/people.js';
import { addOrganization } from '../add-organization.js';

export interface SeedPerson {
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** Counts unless the person has one already. */
  readonly password: string;
}

export interface SeedOrganizationInput {
  readonly name: string;
  readonly slug: string;
  readonly people: readonly SeedPerson[];
}

/** What was made: the organization, and its people in the order given. */
export interface SeededOrganization {
  readonly organizationId: string;
  readonly userIds: readonly string[];
}

/** Makes an organization with people who can sign in at once; for demonstrations and tests. */
export class SeedOrganization extends Command<SeededOrganization> {
  constructor(
    readonly trail: Trail,
    readonly input: SeedOrganizationInput,
  ) {
    super();
  }
}

@CommandHandler(SeedOrganization)
export class SeedOrganizationHandler implements ICommandHandler<SeedOrganization> {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws conflict `slug-taken` */
  async execute({ trail, input: { name, slug, people } }: SeedOrganization): Promise<SeededOrganization> {
    const id = newId();
    const hashes = await Promise.all(people.map(({ password }) => hashPassword(password)));
    return this.unitOfWork.run(systemActor(id, trail), async (unit) => {
      await addOrganization(unit, { id, name, slug });
      const userIds: string[] = [];
      for (const [index, person] of people.entries()) userIds.push(await addPerson(unit, person, hashes[index]!));
      return { organizationId: id, userIds };
    });
  }
}

async function addPerson(unit: Unit, { email, name, roles }: SeedPerson, passwordHash: string): Promise<string> {
  const userId = await ensurePerson(unit.em, email);
  const { organizationId } = unit.actor;
  const [member, event] = Member.add({ organizationId, userId, name, roles }, new Date());
  await unit.em.persist(member).flush();
  await setFirstPassword(unit.em, userId, passwordHash);
  unit.record('user', member, event);
  return userId;
}
