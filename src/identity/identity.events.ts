import type { EventType } from '../audit/audit.contract.js';
import type { DomainEvent } from '../kernel/domain-event.js';
import type { JsonObject } from '../kernel/json.js';

const declare = (type: string, description: string): EventType => ({
  type: `identity.${type}`,
  version: 1,
  isPublished: false,
  description,
});

/** Every event of this context. None holds a secret, an e-mail or a name. */
export const identityEventTypes: readonly EventType[] = [
  declare('organization-created', 'An organization was made: its slug.'),
  declare('organization-renamed', 'An organization was given another name.'),
  declare('user-invited', 'A person was invited, or invited again: the roles.'),
  declare('invitation-accepted', 'An invited person took the invitation and is a member now.'),
  declare('user-added', 'A person became a member without an invitation, by a seed: the roles.'),
  declare('user-roles-changed', 'The roles of a member changed: before and after.'),
  declare('user-deactivated', 'A member may no longer sign in; sessions end.'),
  declare('user-reactivated', 'A deactivated member may sign in again.'),
  declare('signed-in', 'A session began: the person.'),
  declare('session-refreshed', 'A session was given new tokens.'),
  declare('session-revoked', 'A session ended: why (signed-out, revoked, deactivated, token-reused).'),
  declare('api-key-created', 'An API key was made: permissions and expiry.'),
  declare('api-key-revoked', 'An API key was revoked.'),
  declare('sign-in-failed', 'Sign-ins failed: reason, network, and how many since the event before.'),
  declare('access-refused', 'Requests were refused: reason, route, network, and how many since the event before.'),
];

/** An event of this context, `type` without the prefix. */
export const identityEvent = (type: string, payload: JsonObject = {}): DomainEvent => ({
  type: `identity.${type}`,
  version: 1,
  payload,
});
