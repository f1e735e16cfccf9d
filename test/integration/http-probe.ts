import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  Body,
  type CanActivate,
  Controller,
  Delete,
  type ExecutionContext,
  Get,
  HttpCode,
  Injectable,
  Module,
  type ModuleMetadata,
  Param,
  Post,
  Put,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Test } from '@nestjs/testing';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { conflict, invalid, malformed, notFound, unavailable } from '../../src/kernel/domain-error.js';
import { Page } from '../../src/kernel/page.js';
import { ConfigModule } from '../../src/platform/config/config.module.js';
import { type Configuration, loadConfiguration } from '../../src/platform/config/configuration.js';
import { HealthModule } from '../../src/platform/health/health.module.js';
import type { Actor } from '../../src/platform/http/actor.js';
import { ApiData, ApiMessage, ApiProblems } from '../../src/platform/http/api-answers.js';
import { compiledCheck } from '../../src/platform/http/compiled-check.js';
import { applicationOptions, configureHttp, createAdapter } from '../../src/platform/http/configure-http.js';
import {
  Bare,
  CurrentActor,
  ExpectedVersion,
  Idempotent,
  Public,
  RequirePermission,
  StreamedBody,
} from '../../src/platform/http/decorators.js';
import { Message } from '../../src/platform/http/envelope.js';
import {
  BooleanField,
  EnumField,
  IdField,
  InstantField,
  IntegerField,
  JsonObjectField,
  ListField,
  MoneyField,
  NestedField,
  NumberField,
  PartialFields,
  TextField,
} from '../../src/platform/http/fields.js';
import { HttpModule } from '../../src/platform/http/http.module.js';
import { serveDocs } from '../../src/platform/http/openapi.js';
import { IdParameters, PageQuery } from '../../src/platform/http/page-query.js';
import { RateLimits, sendRateLimit } from '../../src/platform/http/rate-limits.js';
import { trailOf } from '../../src/platform/http/request-headers.js';
import { createLogger } from '../../src/platform/logging/logger.js';
import { LoggingModule } from '../../src/platform/logging/logging.module.js';
import { MetricsModule } from '../../src/platform/metrics/metrics.module.js';

class Part {
  @TextField({ description: 'Name of the part', example: 'Handle', minLength: 1, maxLength: 20 })
  readonly name!: string;

  @IntegerField({ description: 'How many', example: 2, minimum: 1, maximum: 99 })
  readonly count!: number;
}

class ThingInput {
  @TextField({ description: 'Name of the thing', example: 'Cup', minLength: 1, maxLength: 20 })
  readonly name!: string;

  @NestedField({ description: 'The main part', type: () => Part, optional: true })
  readonly part?: Part;

  @NestedField({ description: 'Other parts', type: () => Part, maxItems: 3, optional: true })
  readonly parts?: readonly Part[];

  @JsonObjectField({ description: 'Whatever belongs to it', example: { color: 'red' }, optional: true })
  readonly context?: object;

  @EnumField({ description: 'Kind of thing', example: 'small', values: ['small', 'large'], optional: true })
  readonly size?: 'small' | 'large';

  @IdField({
    description: 'Its owner',
    example: '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44',
    optional: true,
    nullable: true,
  })
  readonly ownerId?: string | null;

  @InstantField({ description: 'When it is due', example: '2026-11-22T09:30:00Z', optional: true })
  readonly dueAt?: string;

  @MoneyField({ description: 'What it costs', example: '19.90', optional: true })
  readonly price?: string | number;

  @NumberField({ description: 'Weight in kilograms', example: 0.3, minimum: 0, maximum: 1000, optional: true })
  readonly weight?: number;

  @BooleanField({ description: 'Whether it breaks easily', example: true, optional: true })
  readonly isFragile?: boolean;

  @ListField({ description: 'Words for search', example: ['blue'], of: 'text', maxItems: 2, optional: true })
  readonly tags?: readonly string[];

  @TextField({
    description: 'Whom to ask',
    example: 'ann@example.com',
    maxLength: 100,
    format: 'email',
    optional: true,
  })
  readonly contact?: string;
}

class ThingChange extends PartialFields(ThingInput) {}

class ThingQuery extends PageQuery {
  @BooleanField({ description: 'Only those that break', example: true, optional: true })
  readonly isFragile?: boolean;

  @ListField({ description: 'Any of these', example: [1], of: 'integer', maxItems: 3, optional: true })
  readonly counts?: readonly number[];
}

class Thing {
  @IdField({ description: 'Its id', example: '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44' })
  readonly id!: string;

  @IntegerField({ description: 'Its version', example: 3, minimum: 1, maximum: 1_000_000 })
  readonly version!: number;
}

const hotSchema = {
  type: 'object',
  required: ['entry', 'toString'],
  additionalProperties: false,
  properties: {
    entry: { type: 'string', example: 'crm' },
    toString: { type: 'number', example: 1 },
    context: { type: 'object' },
  },
};

const checkHot = compiledCheck<{ entry: string }>(hotSchema);

const failures: Readonly<Record<string, () => unknown>> = {
  missing: () => notFound('Lead', '17'),
  senseless: () =>
    invalid('unknown-stage', 'There is no such stage.', {
      violations: [{ pointer: '#/stage', message: 'is unknown' }],
    }),
  cursor: () =>
    malformed('bad-cursor', 'The cursor is not ours.', { parameter: 'cursor', cause: new Error('secret_column') }),
  duplicate: () => conflict('duplicate-lead', 'Duplicate lead detected', { duplicates: [{ id: '1', name: 'Ann' }] }),
  busy: () => unavailable('queue-unavailable', 'The queue is away.', { retryAfterSeconds: 7 }),
  refused: () => Object.assign(new Error('connect ECONNREFUSED 10.0.0.5:5432'), { code: 'ECONNREFUSED' }),
  stopped: () => new Error('query failed', { cause: Object.assign(new Error('terminating'), { code: '57P01' }) }),
  pool: () => new Error('timeout exceeded when trying to connect'),
  unique: () => Object.assign(new Error('duplicate key: select secret_column'), { code: '23505' }),
  reference: () => Object.assign(new Error('violates foreign key'), { code: '23503' }),
  lock: () => Object.assign(new Error('stale'), { name: 'OptimisticLockError' }),
  bug: () => new TypeError('select secret_column from leads'),
  text: () => 'a thrown text',
};

@ApiTags('Things')
@Controller('things')
@RequirePermission('things:read')
class ThingsController {
  @Get()
  @ApiOperation({ summary: 'List things' })
  @ApiData(Thing, { list: 'page' })
  list(@Query() query: ThingQuery): Page<unknown> {
    return Page.numbered([query], 118, query, 'next');
  }

  @Post()
  @RequirePermission('things:write')
  @Idempotent()
  @ApiOperation({ summary: 'Make a thing' })
  @ApiData(Thing, { status: 201 })
  create(@Body() input: ThingInput, @CurrentActor() actor: Actor): unknown {
    const { idempotency } = actor;
    const key = idempotency && { ...idempotency, requestHash: idempotency.requestHash.toString('hex') };
    return { isInput: input instanceof ThingInput, isPart: input.part instanceof Part, input, key };
  }

  @Get('all')
  @ApiOperation({ summary: 'List everything' })
  @ApiData(Thing, { list: 'items' })
  all(): unknown[] {
    return [];
  }

  @Post('hot')
  @HttpCode(200)
  @ApiOperation({ summary: 'Decide about a thing' })
  @ApiBody({ schema: hotSchema as object })
  @ApiData(Thing)
  hot(@Body() body: unknown): unknown {
    return checkHot(body);
  }

  @Post('import')
  @HttpCode(200)
  @StreamedBody()
  @ApiOperation({ summary: 'Import things' })
  @ApiData(Thing)
  async import(@Body() body: Readable): Promise<unknown> {
    return { received: await text(body) };
  }

  @Get('fail/:how')
  @ApiOperation({ summary: 'Fail in a way' })
  @ApiData(Thing)
  @ApiProblems(404, 409)
  fail(@Param('how') how: string): never {
    throw failures[how]!() as Error;
  }

  @Get('slow')
  @ApiOperation({ summary: 'Take a while' })
  @ApiMessage()
  async slow(): Promise<Message> {
    await new Promise((resolve) => setTimeout(resolve, 120));
    return new Message('That took a while.');
  }

  @Get(':id')
  @ApiOperation({ summary: 'Read a thing' })
  @ApiData(Thing)
  read(@Param() { id }: IdParameters, @Req() request: FastifyRequest): unknown {
    return { id, version: 3, trail: trailOf(request) };
  }

  @Put(':id')
  @ApiOperation({ summary: 'Change a thing' })
  @ApiData(Thing)
  change(@Param() { id }: IdParameters, @Body() input: ThingChange, @ExpectedVersion() version?: number): unknown {
    return { id, input, expected: version ?? null };
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a thing' })
  remove(@Param() _: IdParameters): void {
    return;
  }
}

@ApiTags('Open')
@Controller('open')
@Public()
class OpenController {
  constructor(private readonly limits: RateLimits) {}

  @Get('bare')
  @Bare()
  @ApiOperation({ summary: 'Answer like OAuth' })
  bare(): object {
    return { access_token: 'x' };
  }

  @Get('limited')
  @ApiOperation({ summary: 'Be counted' })
  @ApiMessage()
  async limited(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Message> {
    sendRateLimit(reply, await this.limits.consume('login', request.ip));
    return new Message('Counted.');
  }

  @Get('me')
  @ApiOperation({ summary: 'Need somebody' })
  @ApiData(Thing)
  me(@CurrentActor() actor: Actor): unknown {
    return { id: actor.id };
  }

  @Get('members')
  @RequirePermission('things:read')
  @ApiOperation({ summary: 'Be closed in an open house' })
  @ApiData(Thing)
  members(): unknown {
    return {};
  }
}

/** Stands in for the guard of identity: the header tells the permissions. */
@Injectable()
class ProbeGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const permissions = request.headers['x-test-permissions'];
    if (typeof permissions !== 'string') return true;
    request.actor = {
      type: 'user',
      id: '0193524e-0000-7000-8000-000000000001',
      organizationId: '0193524e-0000-7000-8000-000000000002',
      roles: [],
      permissions: new Set(permissions.split(',')),
      ...trailOf(request),
      depth: 0,
    };
    return true;
  }
}

export interface Probe {
  readonly app: NestFastifyApplication;
  readonly configuration: Configuration;
  /** Every log line so far. */
  readonly lines: Record<string, unknown>[];
}

/** An application with the platform's HTTP and nothing behind it. */
export async function startProbe(
  environment: Record<string, string> = {},
  metadata: Pick<ModuleMetadata, 'controllers'> = { controllers: [ThingsController, OpenController] },
): Promise<Probe> {
  const configuration = loadConfiguration({ NODE_ENV: 'test', LOG_LEVEL: 'debug', ...environment });
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const logger = createLogger(configuration, { write });

  @Module({
    imports: [
      ConfigModule.forRoot(configuration),
      LoggingModule.forRoot(logger),
      MetricsModule.forRoot(configuration),
      HttpModule,
      HealthModule,
    ],
    ...metadata,
    providers: [{ provide: APP_GUARD, useClass: ProbeGuard }],
  })
  class ProbeModule {}

  const testing = await Test.createTestingModule({ imports: [ProbeModule] })
    .setLogger(applicationOptions(logger).logger as never)
    .compile();
  const app = testing.createNestApplication<NestFastifyApplication>(createAdapter(), applicationOptions(logger));
  await configureHttp(app, configuration);
  serveDocs(app);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return { app, configuration, lines };
}
