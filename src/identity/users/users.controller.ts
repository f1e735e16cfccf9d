import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page } from '../../kernel/page.js';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, ExpectedVersion, Idempotent, RequirePermission } from '../../platform/http/decorators.js';
import { IdParameters } from '../../platform/http/page-query.js';
import { ChangeRoles } from './commands/change-roles.js';
import { DeactivateUser } from './commands/deactivate-user.js';
import { type Invited, InviteUser } from './commands/invite-user.js';
import { ReactivateUser } from './commands/reactivate-user.js';
import { GetUser } from './queries/get-user.js';
import { ListUsers, type UserRow } from './queries/list-users.js';
import { ChangeRolesBody, InvitedView, InviteUserBody, UsersQuery, UserView } from './users.dto.js';

@ApiTags('Users')
@Controller('users')
export class UsersController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @RequirePermission('users:read')
  @ApiOperation({ summary: 'List the users of the organization, newest first' })
  @ApiData(UserView, { list: 'page' })
  list(@CurrentActor() actor: Actor, @Query() query: UsersQuery): Promise<Page<UserRow>> {
    return this.queries.execute(new ListUsers(actor, query));
  }

  @Get(':id')
  @RequirePermission('users:read')
  @ApiOperation({ summary: 'Get one user' })
  @ApiData(UserView)
  @ApiProblems(404)
  get(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<UserRow> {
    return this.queries.execute(new GetUser(actor, id));
  }

  @Post()
  @Idempotent()
  @RequirePermission('users:write')
  @ApiOperation({ summary: 'Invite a user, or invite again one who has not come yet' })
  @ApiData(InvitedView, { status: 201 })
  invite(@CurrentActor() actor: Actor, @Body() body: InviteUserBody): Promise<Invited> {
    return this.commands.execute(new InviteUser(actor, body));
  }

  @Put(':id/roles')
  @RequirePermission('users:write')
  @ApiOperation({ summary: 'Change the roles of a user' })
  @ApiData(UserView)
  @ApiProblems(404, 409)
  async changeRoles(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @Body() { roles }: ChangeRolesBody,
    @ExpectedVersion() expectedVersion: number | undefined,
  ): Promise<UserRow> {
    await this.commands.execute(new ChangeRoles(actor, { userId: id, roles, expectedVersion }));
    return this.queries.execute(new GetUser(actor, id));
  }

  @Post(':id/deactivate')
  @HttpCode(200)
  @RequirePermission('users:write')
  @ApiOperation({ summary: 'Keep a user from signing in and end their sessions' })
  @ApiData(UserView)
  @ApiProblems(404, 409)
  async deactivate(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<UserRow> {
    await this.commands.execute(new DeactivateUser(actor, id));
    return this.queries.execute(new GetUser(actor, id));
  }

  @Post(':id/reactivate')
  @HttpCode(200)
  @RequirePermission('users:write')
  @ApiOperation({ summary: 'Let a deactivated user sign in again' })
  @ApiData(UserView)
  @ApiProblems(404, 409)
  async reactivate(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<UserRow> {
    await this.commands.execute(new ReactivateUser(actor, id));
    return this.queries.execute(new GetUser(actor, id));
  }
}
