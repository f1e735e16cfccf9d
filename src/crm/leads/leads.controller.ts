import { Body, Controller, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Page } from '../../kernel/page.js';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiMessage, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, ExpectedVersion, Idempotent, RequirePermission } from '../../platform/http/decorators.js';
import { Message } from '../../platform/http/envelope.js';
import { IdParameters } from '../../platform/http/page-query.js';
import { ChangeLead } from './commands/change-lead.js';
import { CreateLead } from './commands/create-lead.js';
import { DeleteLead } from './commands/delete-lead.js';
import { leadChangesOf, newLeadOf } from './lead-input.js';
import type { LeadView } from './lead-view.js';
import { ChangeLeadBody, CreateLeadBody, CreateLeadQuery, LeadAnswer, LeadsQuery } from './leads.dto.js';
import { GetLead } from './queries/get-lead.js';
import { ListLeads } from './queries/list-leads.js';

@ApiTags('Leads')
@Controller('leads')
export class LeadsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @RequirePermission('leads:read')
  @ApiOperation({ summary: 'List leads, newest first unless sorted otherwise' })
  @ApiData(LeadAnswer, { list: 'page' })
  list(@CurrentActor() actor: Actor, @Query() query: LeadsQuery): Promise<Page<LeadView>> {
    return this.queries.execute(new ListLeads(actor, query));
  }

  @Post()
  @Idempotent()
  @RequirePermission('leads:write')
  @ApiOperation({ summary: 'Create a lead; 409 with `duplicates` when it is known already' })
  @ApiData(LeadAnswer, { status: 201 })
  create(
    @CurrentActor() actor: Actor,
    @Query() { allowDuplicate }: CreateLeadQuery,
    @Body() body: CreateLeadBody,
  ): Promise<LeadView> {
    return this.commands.execute(new CreateLead(actor, newLeadOf(body), allowDuplicate));
  }

  @Get(':id')
  @RequirePermission('leads:read')
  @ApiOperation({ summary: 'Get one lead' })
  @ApiData(LeadAnswer)
  @ApiProblems(404)
  get(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<LeadView> {
    return this.queries.execute(new GetLead(actor, id));
  }

  @Put(':id')
  @RequirePermission('leads:write')
  @ApiOperation({ summary: 'Change a lead; 409 with `allowed` for a move that its status does not allow' })
  @ApiData(LeadAnswer)
  @ApiProblems(404, 409)
  change(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @Body() body: ChangeLeadBody,
    @ExpectedVersion() expectedVersion?: number,
  ): Promise<LeadView> {
    return this.commands.execute(new ChangeLead(actor, id, leadChangesOf(body), expectedVersion));
  }

  @Delete(':id')
  @RequirePermission('leads:write')
  @ApiOperation({ summary: 'Take a lead out of the lists' })
  @ApiMessage()
  @ApiProblems(404)
  async delete(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @ExpectedVersion() expectedVersion?: number,
  ): Promise<Message> {
    await this.commands.execute(new DeleteLead(actor, id, expectedVersion));
    return new Message('The lead was deleted.');
  }
}
