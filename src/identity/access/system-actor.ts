import { PLATFORM_ORGANIZATION } from '../../kernel/id.js';
import type { Actor } from '../../platform/http/actor.js';
import { permissions } from './permissions.js';

/** The trail of causes that an actor is on. */
export type Trail = Pick<Actor, 'correlationId' | 'causationId' | 'subject'> & {
  readonly depth?: number;
};

const everyPermission: ReadonlySet<string> = new Set(permissions);

/** The system itself at work in one organization: reactions, workflow steps, timers, operations commands. */
export const systemActor = (organizationId: string, trail: Trail): Actor => ({
  ...trail,
  depth: trail.depth ?? 0,
  type: 'system',
  id: PLATFORM_ORGANIZATION,
  organizationId,
  roles: [],
  permissions: everyPermission,
});

/** A person who is about to sign in, or to do something that needs no permission yet. */
export const personActor = (organizationId: string, userId: string, trail: Trail): Actor => ({
  ...trail,
  depth: trail.depth ?? 0,
  type: 'user',
  id: userId,
  organizationId,
  roles: [],
  permissions: new Set(),
});
