import { Readable } from 'node:stream';
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, StreamableFile } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Page } from '../../kernel/page.js';
import type { Actor } from '../../platform/http/actor.js';
import { ApiData, ApiMessage, ApiProblems } from '../../platform/http/api-answers.js';
import { CurrentActor, Idempotent, RequirePermission, StreamedBody } from '../../platform/http/decorators.js';
import { Message } from '../../platform/http/envelope.js';
import { IdParameters, PageQuery } from '../../platform/http/page-query.js';
import { parseMapping } from './column-mapping.js';
import { CancelImport } from './commands/cancel-import.js';
import { type ReceivedImport, ReceiveImport } from './commands/receive-import.js';
import type { ImportView } from './import-view.js';
import { ImportAnswer, ImportErrorsQuery, ImportQuery, ReceivedImportAnswer } from './imports.dto.js';
import { GetImport } from './queries/get-import.js';
import { ListImports } from './queries/list-imports.js';
import { ReadImportErrors } from './queries/read-import-errors.js';

const mediaTypes = { csv: 'text/csv', ndjson: 'application/x-ndjson' } as const;

@ApiTags('Imports of leads')
@Controller('leads')
export class ImportsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('import')
  @HttpCode(202)
  @StreamedBody()
  @Idempotent()
  @RequirePermission('leads:import')
  @ApiOperation({
    summary: 'Import leads from CSV with a header, or from NDJSON with one lead as for POST /leads a line',
  })
  @ApiData(ReceivedImportAnswer, { status: 202 })
  import(
    @CurrentActor() actor: Actor,
    @Query() { dryRun, mapping }: ImportQuery,
    @Headers('content-type') type: string,
    @Body() body: Readable,
  ): Promise<ReceivedImport> {
    const format = type.toLowerCase().startsWith(mediaTypes.csv) ? 'csv' : 'ndjson';
    const columns = mapping === undefined ? {} : { mapping: parseMapping(mapping) };
    return this.commands.execute(new ReceiveImport(actor, { body, format, isDryRun: dryRun, ...columns }));
  }

  @Get('imports')
  @RequirePermission('leads:read')
  @ApiOperation({ summary: 'List imports, newest first' })
  @ApiData(ImportAnswer, { list: 'page' })
  list(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<Page<ImportView>> {
    return this.queries.execute(new ListImports(actor, query));
  }

  @Get('imports/:id')
  @RequirePermission('leads:read')
  @ApiOperation({ summary: 'Get one import with its progress' })
  @ApiData(ImportAnswer)
  @ApiProblems(404)
  get(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<ImportView> {
    return this.queries.execute(new GetImport(actor, id));
  }

  @Get('imports/:id/errors')
  @RequirePermission('leads:read')
  @ApiOperation({ summary: 'Download the rows of which no lead became, each with its line and the reason' })
  @ApiProduces(mediaTypes.ndjson, mediaTypes.csv)
  @ApiOkResponse({ description: 'The rows in the order of the upload.', schema: { type: 'string', format: 'binary' } })
  @ApiProblems(404)
  async errors(
    @CurrentActor() actor: Actor,
    @Param() { id }: IdParameters,
    @Query() { format }: ImportErrorsQuery,
  ): Promise<StreamableFile> {
    const rows = await this.queries.execute(new ReadImportErrors(actor, id, format));
    const disposition = `attachment; filename="import-${id}-errors.${format}"`;
    return new StreamableFile(rows, { type: `${mediaTypes[format]}; charset=utf-8`, disposition });
  }

  @Post('imports/:id/cancel')
  @HttpCode(200)
  @RequirePermission('leads:import')
  @ApiOperation({ summary: 'Stop an import; the leads that it created stay' })
  @ApiMessage()
  @ApiProblems(404, 409)
  async cancel(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<Message> {
    await this.commands.execute(new CancelImport(actor, id));
    return new Message('The import was cancelled.');
  }
}
