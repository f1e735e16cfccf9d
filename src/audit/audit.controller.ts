import { Controller, Get, Param, Query, StreamableFile } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { malformed } from '../kernel/domain-error.js';
import type { Page } from '../kernel/page.js';
import type { Actor } from '../platform/http/actor.js';
import { ApiData, ApiProblems } from '../platform/http/api-answers.js';
import { Bare, CurrentActor, RequirePermission } from '../platform/http/decorators.js';
import { IdParameters } from '../platform/http/page-query.js';
import {
  AuditKeyAnswer,
  EventAnswer,
  EventProofAnswer,
  ExportQuery,
  HeadAnswer,
  ListEventsQuery,
  RangeQuery,
  TimelineEntryAnswer,
  TimelineParameters,
  TrailReportAnswer,
  WindowQuery,
} from './audit.dto.js';
import type { TrailHead, TrailReport } from './proof/verify.js';
import { GetAuditHead } from './queries/audit-head.js';
import type { EventView } from './queries/event-view.js';
import { ExportTrail } from './queries/export-trail.js';
import { GetEvent } from './queries/get-event.js';
import { type AuditKey, ListAuditKeys } from './queries/list-audit-keys.js';
import { type EventFilter, ListEvents } from './queries/list-events.js';
import { type EventProof, ProveEvent } from './queries/prove-event.js';
import { SubjectTimeline, type TimelineEntry } from './queries/subject-timeline.js';
import { VerifyRange } from './queries/verify-range.js';

const NDJSON = 'application/x-ndjson';

@ApiTags('Audit')
@Controller('audit')
@RequirePermission('audit:read')
export class AuditController {
  constructor(private readonly queries: QueryBus) {}

  @Get('events')
  @ApiOperation({
    summary: 'Lists recorded events, newest first',
    description:
      'By subject, rule, correlation or time alone a page is full while events are left. Further filters pick among at most 5,000 events a page, which may then be short or empty; go on while there is a `nextCursor`.',
  })
  @ApiData(EventAnswer, { list: 'page' })
  list(@CurrentActor() actor: Actor, @Query() query: ListEventsQuery): Promise<Page<EventView>> {
    return this.queries.execute(new ListEvents(actor, filterOf(query), query));
  }

  @Get('events/:id')
  @ApiOperation({
    summary: 'Gives one recorded event',
    description:
      'The payload is as it is stored and hashed: an encrypted value is `{"$encrypted": {"key", "value"}}` to every reader. Decisions are shown in plain, to who may, by /business-rules/executions/{id}.',
  })
  @ApiData(EventAnswer)
  @ApiProblems(404)
  get(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<EventView> {
    return this.queries.execute(new GetEvent(actor, id));
  }

  @Get('events/:id/proof')
  @ApiOperation({ summary: 'Proves that an event is in the tree under the newest seal' })
  @ApiData(EventProofAnswer)
  @ApiProblems(404, 409)
  prove(@CurrentActor() actor: Actor, @Param() { id }: IdParameters): Promise<EventProof> {
    return this.queries.execute(new ProveEvent(actor, id));
  }

  @Get('head')
  @Bare()
  @ApiOperation({
    summary: 'Gives the state of the trail, to be kept elsewhere',
    description:
      'The answer has no envelope. Saved as it is, it is the FILE of `audit verify --head FILE` and of `verify-export.mjs --head FILE`, which then see a trail that was cut short or written anew.',
  })
  @ApiOkResponse({ description: 'The newest sealed state; zero events before the first seal.', type: HeadAnswer })
  head(@CurrentActor() actor: Actor): Promise<TrailHead> {
    return this.queries.execute(new GetAuditHead(actor));
  }

  @Get('keys')
  @ApiOperation({ summary: 'Lists the public keys that seals were signed with' })
  @ApiData(AuditKeyAnswer, { list: 'items' })
  keys(@CurrentActor() actor: Actor): Promise<readonly AuditKey[]> {
    return this.queries.execute(new ListAuditKeys(actor));
  }

  @Get('verify')
  @ApiOperation({
    summary: 'Verifies events against leaf hashes, tree and seals, and names each one that does not fit',
    description:
      'A range runs from seal to seal, of at most 100,000 events. For the whole trail, and against a head that was kept elsewhere, run `npm run audit:verify`.',
  })
  @ApiData(TrailReportAnswer)
  verify(@CurrentActor() actor: Actor, @Query() range: RangeQuery): Promise<TrailReport> {
    return this.queries.execute(new VerifyRange(actor, range));
  }

  @Get('export')
  @ApiOperation({ summary: 'Exports events with hashes, seals and keys, to be verified by scripts/verify-export.mjs' })
  @ApiProduces(NDJSON)
  @ApiOkResponse({ description: 'One JSON object a line.', schema: { type: 'string', format: 'binary' } })
  async export(@CurrentActor() actor: Actor, @Query() query: ExportQuery): Promise<StreamableFile> {
    const lines = await this.queries.execute(new ExportTrail(actor, query, query.format));
    return new StreamableFile(lines, { type: NDJSON, disposition: 'attachment; filename="audit-trail.ndjson"' });
  }

  @Get('timeline/:subjectType/:subjectId')
  @ApiOperation({ summary: 'Tells what happened to a subject, oldest first, in sentences' })
  @ApiData(TimelineEntryAnswer, { list: 'page' })
  timeline(
    @CurrentActor() actor: Actor,
    @Param() subject: TimelineParameters,
    @Query() query: WindowQuery,
  ): Promise<Page<TimelineEntry>> {
    return this.queries.execute(new SubjectTimeline(actor, subject, query));
  }
}

/** Takes the subject in either of its two spellings. @throws malformed `subject-twice` */
function filterOf({ subject, ...filter }: ListEventsQuery): EventFilter {
  if (subject === undefined) return filter;
  if (filter.subjectType !== undefined || filter.subjectId !== undefined) {
    throw malformed('subject-twice', 'Send either subject or subjectType and subjectId.', { parameter: 'subject' });
  }
  const [subjectType, subjectId] = subject.split(':');
  return { ...filter, subjectType, subjectId };
}
