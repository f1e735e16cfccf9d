/** What other contexts may use of identity. The table role × permission stands in `access/permissions.ts`. */
export { Authenticator } from './access/authenticator.js';
export { credentialOf } from './access/credential.js';
export { OperatorLogin } from './access/operator-login.js';
export { formatToken, hasHash, hashSecret, newSecret, parseToken } from './access/opaque-token.js';
export {
  mayGrant,
  type Permission,
  permissions,
  permissionsOf,
  platformPermissions,
  type Role,
  rolePermissions,
  roles,
} from './access/permissions.js';
export { systemActor, type Trail } from './access/system-actor.js';
export { CreateOpsKey } from './api-keys/commands/create-ops-key.js';
export { identityEventTypes } from './identity.events.js';
export { CreateOrganization, type CreatedOrganization } from './organizations/commands/create-organization.js';
export { FindOrganization } from './organizations/queries/find-organization.js';
export {
  SeedOrganization,
  type SeededOrganization,
  type SeedOrganizationInput,
  type SeedPerson,
} from './organizations/commands/seed-organization.js';
export { type Invited, InviteUser } from './users/commands/invite-user.js';
export { GetUser } from './users/queries/get-user.js';
export { ListUsers } from './users/queries/list-users.js';
