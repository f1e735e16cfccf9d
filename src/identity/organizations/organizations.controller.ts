import { Body, Controller, Get, Patch } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData } from '../../platform/http/api-answers.js';
import { CurrentActor, ExpectedVersion, RequirePermission } from '../../platform/http/decorators.js';
import { RenameOrganization } from './commands/rename-organization.js';
import { OrganizationView, RenameOrganizationBody } from './organizations.dto.js';
import { GetOrganization, type OrganizationRow } from './queries/get-organization.js';

@ApiTags('Organizations')
@Controller('organizations/current')
export class OrganizationsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @RequirePermission('organizations:read')
  @ApiOperation({ summary: 'Get the organization that you are signed in to' })
  @ApiData(OrganizationView)
  get(@CurrentActor() actor: Actor): Promise<OrganizationRow> {
    return this.queries.execute(new GetOrganization(actor));
  }

  @Patch()
  @RequirePermission('organizations:write')
  @ApiOperation({ summary: 'Rename the organization' })
  @ApiData(OrganizationView)
  async rename(
    @CurrentActor() actor: Actor,
    @Body() { name }: RenameOrganizationBody,
    @ExpectedVersion() expectedVersion: number | undefined,
  ): Promise<OrganizationRow> {
    await this.commands.execute(new RenameOrganization(actor, { name, expectedVersion }));
    return this.queries.execute(new GetOrganization(actor));
  }
}
