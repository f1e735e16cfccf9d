import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/http/actor.js';
import { ApiData, ApiProblems } from '../../../platform/http/api-answers.js';
import { CurrentActor, JsonBodyLimit, RequirePermission } from '../../../platform/http/decorators.js';
import { ExportRulesQuery, RuleImportAnswer, ImportRulesBody, RuleBundleBody } from './bundle.dto.js';
import { ExportRules, type RuleBundle } from './export-rules.js';
import type { ImportReport } from './import-plan.js';
import { ImportRules } from './import-rules.js';
import { readImport } from './read-import.js';

/** Room for 10,000 rules as people write them. */
const BUNDLE_LIMIT = 8 * 1024 * 1024;

/** Rules as files: to be kept beside code, compared, and brought into another organization. */
@ApiTags('Business rules')
@Controller('business-rules')
export class BundlesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get('export')
  @ApiOperation({
    summary: 'Gives the newest definitions of rules, with the entry points and functions that they need, as one bundle',
  })
  @RequirePermission('rules:read')
  @ApiData(RuleBundleBody)
  @ApiProblems(409)
  export(@CurrentActor() actor: Actor, @Query() { entryPoint, tag }: ExportRulesQuery): Promise<RuleBundle> {
    return this.queries.execute(new ExportRules(actor, { entryPoint, tag }));
  }

  @Post('import')
  @HttpCode(200)
  @ApiOperation({
    summary:
      'Brings rules, entry points and functions in line with a bundle of up to 8 MiB, wholly or not at all; again it does nothing',
  })
  @RequirePermission('rules:write')
  @JsonBodyLimit(BUNDLE_LIMIT)
  @ApiBody({ type: ImportRulesBody })
  @ApiData(RuleImportAnswer)
  async import(@CurrentActor() actor: Actor, @Body() body: unknown): Promise<ImportReport> {
    return this.commands.execute(new ImportRules(actor, await readImport(body)));
  }
}
