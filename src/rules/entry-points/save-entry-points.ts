import { LockMode } from '@mikro-orm/core';
import type { Unit } from '../../audit/audit.contract.js';
import { newId } from '../../kernel/id.js';
import { raiseHead } from '../../platform/cache/change-follower.js';
import { CustomEntryPoint, type CustomEntryPointSettings } from './custom-entry-point.js';
import { ENTRY_POINTS_SCOPE } from './entry-points.js';

/** Makes or changes entry points of the organization's own, by name; their schemas must have been checked. */
export async function saveEntryPoints(
  unit: Unit,
  wanted: readonly (CustomEntryPointSettings & { readonly name: string })[],
): Promise<void> {
  if (wanted.length === 0) return;
  const present = await unit.em.find(
    CustomEntryPoint,
    { name: { $in: wanted.map(({ name }) => name) } },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { name: 'asc' } },
  );
  for (const { name, ...settings } of wanted) {
    const known = present.find((entryPoint) => entryPoint.name === name);
    if (known) unit.record('entry-point', known, ...known.change(settings, undefined));
    else makeEntryPoint(unit, name, settings);
  }
  await unit.em.flush();
  await raiseHead(unit.em, unit.actor.organizationId, ENTRY_POINTS_SCOPE);
}

function makeEntryPoint(unit: Unit, name: string, settings: CustomEntryPointSettings): void {
  const place = { id: newId(), organizationId: unit.actor.organizationId, name, createdAt: new Date() };
  const { entryPoint, events } = CustomEntryPoint.create(place, settings);
  unit.em.persist(entryPoint);
  unit.record('entry-point', entryPoint, ...events);
}
