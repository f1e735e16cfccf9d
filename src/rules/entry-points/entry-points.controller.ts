import { Body, Controller, Delete, Get, Param, Post, Put } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiMessage, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, ExpectedVersion, Idempotent, RequirePermission } from '../../platform/http/decorators.js';
import { Message } from '../../platform/http/envelope.js';
import { ChangeEntryPoint, CreateEntryPoint, RemoveEntryPoint } from './commands/change-entry-points.js';
import type { CustomEntryPoint } from './custom-entry-point.js';
import {
  CreateEntryPointBody,
  EntryPointAnswer,
  EntryPointParameters,
  EntryPointSettingsBody,
} from './entry-points.dto.js';
import { EntryPoints, type PreparedEntryPoint } from './entry-points.js';

@ApiTags('Entry points')
@Controller('rules/entry-points')
export class EntryPointsController {
  constructor(
    private readonly entryPoints: EntryPoints,
    private readonly commands: CommandBus,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Lists where decisions are taken, with the schema of each context' })
  @RequirePermission('rules:read')
  @ApiData(EntryPointAnswer, { list: 'items' })
  async list(@CurrentActor() actor: Actor): Promise<EntryPointAnswer[]> {
    return (await this.entryPoints.all(actor.organizationId)).map((point) => this.answer(point));
  }

  @Get(':name')
  @ApiOperation({ summary: 'Gives one entry point' })
  @RequirePermission('rules:read')
  @ApiData(EntryPointAnswer)
  @ApiProblems(404)
  async get(@CurrentActor() actor: Actor, @Param() { name }: EntryPointParameters): Promise<EntryPointAnswer> {
    return this.answer(await this.entryPoints.get(actor.organizationId, name));
  }

  @Post()
  @ApiOperation({ summary: 'Makes an entry point of your own; its effects are answered, not applied' })
  @RequirePermission('rules:publish')
  @Idempotent()
  @ApiData(EntryPointAnswer, { status: 201 })
  async create(
    @CurrentActor() actor: Actor,
    @Body() { name, ...settings }: CreateEntryPointBody,
  ): Promise<EntryPointAnswer> {
    return this.answer(await this.commands.execute(new CreateEntryPoint(actor, name, settings)));
  }

  @Put(':name')
  @ApiOperation({ summary: 'Changes an entry point of your own' })
  @RequirePermission('rules:publish')
  @ApiData(EntryPointAnswer)
  @ApiProblems(404)
  async change(
    @CurrentActor() actor: Actor,
    @Param() { name }: EntryPointParameters,
    @Body() settings: EntryPointSettingsBody,
    @ExpectedVersion() expectedVersion: number | undefined,
  ): Promise<EntryPointAnswer> {
    return this.answer(
      await this.commands.execute(new ChangeEntryPoint(actor, name, { ...settings }, expectedVersion)),
    );
  }

  @Delete(':name')
  @ApiOperation({ summary: 'Removes an entry point of your own that no rule belongs to any more' })
  @RequirePermission('rules:publish')
  @ApiMessage()
  @ApiProblems(404, 409)
  async remove(@CurrentActor() actor: Actor, @Param() { name }: EntryPointParameters): Promise<Message> {
    await this.commands.execute(new RemoveEntryPoint(actor, name));
    return new Message('The entry point was removed.');
  }

  private answer(point: PreparedEntryPoint | CustomEntryPoint): EntryPointAnswer {
    const { name, description, schema, writableFields, failurePolicy, sensitivePaths, personalPaths } = point;
    return {
      name,
      description,
      schema,
      writableFields: [...writableFields],
      failurePolicy,
      sensitivePaths: [...(sensitivePaths ?? [])],
      personalPaths: [...(personalPaths ?? [])],
      isBuiltIn: this.entryPoints.isRegistered(name),
      ...('entity' in point && { entity: point.entity }),
      ...('version' in point && { version: Number(point.version) }),
    };
  }
}
