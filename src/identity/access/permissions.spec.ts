import { describe, expect, it } from '@jest/globals';
import { mayGrant, permissionsOf, platformPermissions, type Role, rolePermissions, roles } from './permissions.js';

const holders = (permission: string): Role[] => roles.filter((role) => permissionsOf([role]).has(permission));

describe('roles and permissions', () => {
  it.each([
    ['audit:read', ['owner', 'admin', 'auditor']],
    ['audit:read-sensitive', ['auditor']],
    ['organizations:write', ['owner']],
    ['users:write', ['owner', 'admin']],
    ['api-keys:write', ['owner', 'admin']],
    ['rules:publish', ['owner', 'admin', 'manager']],
    ['leads:write', ['owner', 'admin', 'manager', 'member', 'worker']],
  ])('%s is held by %j', (permission, expected) => expect(holders(permission)).toEqual(expected));

  it('gives what spans organizations to no role', () => {
    for (const permission of platformPermissions) expect(holders(permission)).toEqual([]);
  });

  it('lets viewers and auditors change nothing of the business', () => {
    for (const role of ['viewer', 'auditor'] as const) {
      const changing = rolePermissions[role].filter((permission) => !/:read(-sensitive)?$/.test(permission));
      expect(changing.filter((permission) => permission !== 'sessions:write')).toEqual([]);
    }
  });

  it('names each permission of a role once', () => {
    for (const role of roles) expect(new Set(rolePermissions[role]).size).toBe(rolePermissions[role].length);
  });

  it('adds up the roles of one person', () => {
    expect(permissionsOf(['viewer', 'auditor'])).toEqual(
      new Set([...rolePermissions.viewer, ...rolePermissions.auditor]),
    );
    expect(permissionsOf([]).size).toBe(0);
  });
});

describe('giving roles', () => {
  it.each<[Role, Role[]]>([
    ['owner', ['owner', 'admin', 'manager', 'member', 'viewer', 'auditor', 'worker']],
    ['admin', ['admin', 'manager', 'member', 'viewer', 'auditor', 'worker']],
    ['manager', ['manager', 'member', 'viewer', 'worker']],
    ['viewer', ['viewer']],
  ])('%s may do all that %j may', (role, expected) => {
    expect(roles.filter((candidate) => mayGrant(permissionsOf([role]), candidate))).toEqual(expected);
  });

  it('keeps a key that may only write users from making administrators', () => {
    expect(roles.filter((candidate) => mayGrant(new Set(['users:write']), candidate))).toEqual([]);
  });
});
