import type { Actor } from '../../platform/http/actor.js';
import type { Subject } from '../../kernel/domain-event.js';
import type { Facts } from '../engine/facts.js';

/** In order, by the set that a session or key has for as long as its rights do not change. */
const sortedPermissions = new WeakMap<ReadonlySet<string>, readonly string[]>();

function inOrder(permissions: ReadonlySet<string>): readonly string[] {
  const known = sortedPermissions.get(permissions);
  if (known) return known;
  const sorted = [...permissions].sort();
  sortedPermissions.set(permissions, sorted);
  return sorted;
}

/** What a decision may know beside its context, frozen at this moment; permissions only where rules might look at them. */
export function factsOf(actor: Actor, seed: string, subject?: Subject, readsPermissions = true): Facts {
  const permissions = readsPermissions ? inOrder(actor.permissions) : [];
  return {
    acknowledgments: {},
    arms: {},
    ...(subject && { entity: subject.type, entityId: subject.id }),
    now: new Date().toISOString(),
    preferences: {},
    seed,
    user: { id: actor.id, permissions, role: actor.roles[0] ?? actor.type },
  };
}
