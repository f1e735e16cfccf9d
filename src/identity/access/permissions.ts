/** The roles that a member of an organization may have; several add up. */
export const roles = ['owner', 'admin', 'manager', 'member', 'viewer', 'auditor', 'worker'] as const;

export type Role = (typeof roles)[number];

const seesBusiness = [
  'leads:read',
  'rules:read',
  'workflows:read',
  'emails:read',
  'webhooks:read',
  'sessions:read',
  'sessions:write',
] as const;
const worksOnBusiness = [...seesBusiness, 'leads:write', 'rules:execute', 'workflows:execute'] as const;
const shapesBusiness = [
  ...worksOnBusiness,
  'leads:import',
  'rules:write',
  'rules:publish',
  'workflows:write',
  'webhooks:write',
  'jobs:read',
  'users:read',
  'organizations:read',
] as const;
const administers = [...shapesBusiness, 'users:write', 'api-keys:read', 'api-keys:write', 'audit:read'] as const;

/** What each role may do, `resource:action`. */
export const rolePermissions = {
  owner: [...administers, 'audit:erase', 'organizations:write'],
  admin: administers,
  manager: shapesBusiness,
  member: worksOnBusiness,
  viewer: seesBusiness,
  auditor: [
    ...seesBusiness,
    'jobs:read',
    'users:read',
    'organizations:read',
    'api-keys:read',
    'audit:read',
    'audit:read-sensitive',
  ],
  worker: [
    'leads:read',
    'leads:write',
    'rules:execute',
    'workflows:read',
    'workflows:execute',
    'webhooks:read',
    'sessions:read',
    'sessions:write',
  ],
} as const satisfies Record<Role, readonly string[]>;

/** Whatever a role of an organization may allow; also what an API key of an organization may be given. */
export type Permission = (typeof rolePermissions)[Role][number];

/** What spans all organizations: held by platform API keys alone, in no organization's role. */
export const platformPermissions = ['ops:read'] as const;

export const permissions: readonly Permission[] = [...new Set(roles.flatMap((role) => rolePermissions[role]))].sort();

export const isRole = (text: string): text is Role => roles.some((role) => role === text);

/** What several roles allow together. */
export const permissionsOf = (held: readonly Role[]): ReadonlySet<string> =>
  new Set(held.flatMap((role) => [...rolePermissions[role]]));

/**
 * Whether somebody with these permissions may give a role to others or take it from them: only who may do all that the
 * role may. Reading sensitive payloads is left out, because owners appoint auditors without being one.
 */
export const mayGrant = (held: ReadonlySet<string>, role: Role): boolean =>
  rolePermissions[role].every((permission) => permission === 'audit:read-sensitive' || held.has(permission));
