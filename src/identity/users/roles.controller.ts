import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiData } from '../../platform/http/api-answers.js';
import { RequirePermission } from '../../platform/http/decorators.js';
import { rolePermissions, roles } from '../access/permissions.js';
import { RoleView } from './users.dto.js';

@ApiTags('Users')
@Controller('roles')
export class RolesController {
  @Get()
  @RequirePermission('users:read')
  @ApiOperation({ summary: 'List the roles and what each may do' })
  @ApiData(RoleView, { list: 'items' })
  list(): RoleView[] {
    return roles.map((role) => ({ role, permissions: rolePermissions[role] }));
  }
}
