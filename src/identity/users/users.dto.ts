import { EnumField, IdField, InstantField, IntegerField, ListField, TextField } from '../../platform/http/fields.js';
import { PageQuery } from '../../platform/http/page-query.js';
import { type Role, roles } from '../access/permissions.js';
import { memberStatuses, type MemberStatus } from './member.js';

const EXAMPLE_ID = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';
const EXAMPLE_TOKEN = 'pri_0193524e4a3c7c119d3a5b1f0a6e2c44_3q2-7wX1v0bJ8mQ5n4Rk9sYt6uZcGhLpEaFdViOoBxM';
const rolesText = `Roles, which add up: ${roles.join(', ')}`;

export class InviteUserBody {
  @TextField({ description: 'E-mail of the person', example: 'dana@example.com', maxLength: 254, format: 'email' })
  readonly email!: string;

  @TextField({ description: 'What the person is called here', example: 'Dana Ito', minLength: 1, maxLength: 200 })
  readonly name!: string;

  @ListField({ description: rolesText, example: ['member'], of: 'text', maxItems: roles.length })
  readonly roles!: readonly string[];
}

export class ChangeRolesBody {
  @ListField({ description: rolesText, example: ['manager', 'auditor'], of: 'text', maxItems: roles.length })
  readonly roles!: readonly string[];
}

export class UsersQuery extends PageQuery {
  @EnumField({ description: 'Only those of this status', example: 'active', values: memberStatuses, optional: true })
  readonly status?: MemberStatus;

  @EnumField({ description: 'Only those with this role', example: 'manager', values: roles, optional: true })
  readonly role?: Role;
}

export class UserView {
  @IdField({ description: 'Id of the person', example: EXAMPLE_ID })
  readonly id!: string;

  @TextField({ description: 'E-mail', example: 'dana@example.com', maxLength: 254 })
  readonly email!: string;

  @TextField({ description: 'What the person is called here', example: 'Dana Ito', maxLength: 200 })
  readonly name!: string;

  @ListField({ description: rolesText, example: ['member'], of: 'text', maxItems: roles.length })
  readonly roles!: readonly string[];

  @EnumField({
    description: 'invited: has not come yet; deactivated: may not sign in',
    example: 'active',
    values: memberStatuses,
  })
  readonly status!: MemberStatus;

  @InstantField({ description: 'When the person was first invited', example: '2026-11-22T09:30:00.000Z' })
  readonly createdAt!: string;

  @InstantField({ description: 'When the invitation was taken', example: '2026-11-22T10:00:00.000Z', nullable: true })
  readonly joinedAt!: string | null;

  @IntegerField({ description: 'Version, for If-Match', example: 1, minimum: 1, maximum: 2_147_483_647 })
  readonly version!: number;
}

export class InvitedView {
  @IdField({ description: 'Id of the person', example: EXAMPLE_ID })
  readonly userId!: string;

  @TextField({ description: 'To be handed to the person; shown only now', example: EXAMPLE_TOKEN, maxLength: 200 })
  readonly invitationToken!: string;

  @InstantField({ description: 'Until when it may be used', example: '2026-11-29T09:30:00.000Z' })
  readonly expiresAt!: string;
}

export class RoleView {
  @EnumField({ description: 'The role', example: 'viewer', values: roles })
  readonly role!: Role;

  @ListField({ description: 'What it may do', example: ['leads:read', 'rules:read'], of: 'text', maxItems: 100 })
  readonly permissions!: readonly string[];
}
