import { LockMode } from '@mikro-orm/core';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Unit, UnitOfWork } from '../../../audit/audit.contract.js';
import { conflict, invalid, notFound } from '../../../kernel/domain-error.js';
import { newId } from '../../../kernel/id.js';
import { ChangeFollower, raiseHead } from '../../../platform/cache/change-follower.js';
import type { Actor } from '../../../platform/http/actor.js';
import { Rule } from '../../business-rules/rule.js';
import { compileContextSchema } from '../context-schema.js';
import { CustomEntryPoint, type CustomEntryPointSettings } from '../custom-entry-point.js';
import { ENTRY_POINTS_SCOPE, EntryPoints } from '../entry-points.js';
import { hiddenPathViolations } from '../hidden-tree.js';

export class CreateEntryPoint extends Command<CustomEntryPoint> {
  constructor(
    readonly actor: Actor,
    readonly name: string,
    readonly settings: CustomEntryPointSettings,
  ) {
    super();
  }
}

export class ChangeEntryPoint extends Command<CustomEntryPoint> {
  constructor(
    readonly actor: Actor,
    readonly name: string,
    readonly settings: CustomEntryPointSettings,
    readonly expectedVersion: number | undefined,
  ) {
    super();
  }
}

export class RemoveEntryPoint extends Command<void> {
  constructor(
    readonly actor: Actor,
    readonly name: string,
  ) {
    super();
  }
}

@CommandHandler(CreateEntryPoint)
export class CreateEntryPointHandler implements ICommandHandler<CreateEntryPoint> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly entryPoints: EntryPoints,
    private readonly follower: ChangeFollower,
  ) {}

  /** @throws conflict `entry-point-exists`, invalid `invalid-schema` or `invalid-hidden-path` */
  async execute({ actor, name, settings }: CreateEntryPoint): Promise<CustomEntryPoint> {
    assertSettings(settings);
    const entryPoint = await this.unitOfWork.run(actor, async (unit) => {
      const taken = this.entryPoints.isRegistered(name) || (await unit.em.count(CustomEntryPoint, { name })) > 0;
      if (taken) throw conflict('entry-point-exists', `There is an entry point called ${name} already.`);
      const place = { id: newId(), organizationId: actor.organizationId, name, createdAt: new Date() };
      const { entryPoint, events } = CustomEntryPoint.create(place, settings);
      unit.em.persist(entryPoint);
      await unit.em.flush();
      unit.record('entry-point', entryPoint, ...events);
      await changed(unit);
      return entryPoint;
    });
    await this.follower.look();
    return entryPoint;
  }
}

@CommandHandler(ChangeEntryPoint)
export class ChangeEntryPointHandler implements ICommandHandler<ChangeEntryPoint> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly follower: ChangeFollower,
  ) {}

  /** @throws not-found, stale, invalid `invalid-schema` or `invalid-hidden-path` */
  async execute({ actor, name, settings, expectedVersion }: ChangeEntryPoint): Promise<CustomEntryPoint> {
    assertSettings(settings);
    const entryPoint = await this.unitOfWork.run(actor, async (unit) => {
      const entryPoint = await entryPointForUpdate(unit, name);
      unit.record('entry-point', entryPoint, ...entryPoint.change(settings, expectedVersion));
      await unit.em.flush();
      await changed(unit);
      return entryPoint;
    });
    await this.follower.look();
    return entryPoint;
  }
}

@CommandHandler(RemoveEntryPoint)
export class RemoveEntryPointHandler implements ICommandHandler<RemoveEntryPoint> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly follower: ChangeFollower,
  ) {}

  /** @throws not-found, conflict `entry-point-in-use` while rules belong to it */
  async execute({ actor, name }: RemoveEntryPoint): Promise<void> {
    await this.unitOfWork.run(actor, async (unit) => {
      const entryPoint = await entryPointForUpdate(unit, name);
      const rules = await unit.em.count(Rule, { entryPoint: name, archivedAt: null });
      if (rules > 0) throw conflict('entry-point-in-use', `${name} has ${rules} rules; archive them first.`, { rules });
      unit.record('entry-point', { id: entryPoint.id, version: entryPoint.version + 1 }, ...entryPoint.remove());
      unit.em.remove(entryPoint);
      await changed(unit);
    });
    await this.follower.look();
  }
}

async function entryPointForUpdate(unit: Unit, name: string): Promise<CustomEntryPoint> {
  const entryPoint = await unit.em.findOne(CustomEntryPoint, { name }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!entryPoint) throw notFound('An entry point of your own called', name);
  return entryPoint;
}

const changed = (unit: Unit): Promise<number> => raiseHead(unit.em, unit.actor.organizationId, ENTRY_POINTS_SCOPE);

function assertSettings(settings: CustomEntryPointSettings): void {
  assertSchema(settings);
  const violations = hiddenPathViolations(settings);
  if (violations.length === 0) return;
  throw invalid('invalid-hidden-path', 'A sensitive or personal path is none that a context can have.', { violations });
}

function assertSchema({ schema }: CustomEntryPointSettings): void {
  try {
    compileContextSchema(schema);
  } catch (error) {
    const message = (error as Error).message;
    throw invalid('invalid-schema', `The schema is no JSON Schema (draft 2020-12): ${message}`, {
      violations: [{ pointer: '#/schema', message }],
    });
  }
}
