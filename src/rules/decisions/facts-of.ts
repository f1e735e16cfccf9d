import type { Actor } from '../../platform/http/actor.js';
import type { Subject } from '../../kernel/domain-event.js';
import type { Facts } from '../engine/facts.js';

/** What a decision may know beside its context, frozen at this moment. */
export function factsOf(actor: Actor, seed: string, subject?: Subject): Facts {
  return {
    now: new Date().toISOString(),
    seed,
    arms: {},
    acknowledgments: {},
    preferences: {},
    user: { id: actor.id, role: actor.roles[0] ?? actor.type, permissions: [...actor.permissions].sort() },
    ...(subject && { entity: subject.type, entityId: subject.id }),
  };
}
