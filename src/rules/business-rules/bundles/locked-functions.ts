import { LockMode } from '@mikro-orm/core';
import type { Unit } from '../../../audit/audit.contract.js';
import { newId } from '../../../kernel/id.js';
import { CustomFunction } from '../../functions/custom-function.js';
import type { FunctionAuthoring } from '../../functions/function-authoring.js';
import { liveDefinitionOf, saveFunctionVersion } from '../../functions/function-versions.js';
import { type CandidateFunction, type ImportItem, planFunction } from './import-plan.js';

/** A function of a bundle with the function of the same name, which nobody else can change now. */
export interface LockedFunction {
  readonly candidate: CandidateFunction;
  readonly customFunction: CustomFunction | undefined;
  readonly item: ImportItem;
}

/** The functions of the same names, locked in the order in which rules hold those that they call. */
export async function lockFunctions(
  { em }: Unit,
  candidates: readonly CandidateFunction[],
): Promise<readonly LockedFunction[]> {
  const found = await em.find(
    CustomFunction,
    { archivedAt: null, name: { $in: candidates.map(({ name }) => name) } },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' } },
  );
  const locked: LockedFunction[] = [];
  for (const candidate of candidates) {
    const customFunction = found.find(({ name }) => name === candidate.name);
    const present = customFunction && {
      definition: customFunction.definition,
      liveDefinition: await liveDefinitionOf(em, customFunction),
    };
    locked.push({ candidate, customFunction, item: planFunction(candidate, present) });
  }
  return locked;
}

/**
 * Makes, revises and publishes functions as planned, with their events; rules that call them call the new versions.
 * @throws conflict `too-many-functions`
 */
export async function saveFunctions(
  unit: Unit,
  authoring: FunctionAuthoring,
  locked: readonly LockedFunction[],
): Promise<void> {
  const changed = locked.filter(({ item }) => item.outcome !== 'unchanged');
  await authoring.assertRoom(unit.em, changed.filter(({ item }) => item.outcome === 'created').length);
  const now = new Date();
  for (const each of changed) {
    const customFunction = each.customFunction ?? makeFunction(unit, each.candidate, now);
    if (each.item.outcome === 'revised') {
      const by = { userId: unit.actor.id, now };
      unit.record('function', customFunction, ...customFunction.revise(each.candidate.definition, by, undefined));
    }
    await unit.em.flush();
    if (each.item.outcome !== 'published') await saveFunctionVersion(unit.em, customFunction);
    if (!each.candidate.isPublished && each.item.outcome !== 'created') continue;
    unit.record('function', customFunction, ...customFunction.publish(undefined));
    await authoring.bringIntoForce(unit, customFunction);
  }
}

function makeFunction(unit: Unit, { name, definition }: CandidateFunction, now: Date): CustomFunction {
  const place = { id: newId(), organizationId: unit.actor.organizationId, name };
  const { customFunction, events } = CustomFunction.create(place, definition, { userId: unit.actor.id, now });
  unit.em.persist(customFunction);
  unit.record('function', customFunction, ...events);
  return customFunction;
}
