import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AuditController } from './audit.controller.js';
import { GetAuditHeadHandler } from './queries/audit-head.js';
import { ExportTrailHandler } from './queries/export-trail.js';
import { GetEventHandler } from './queries/get-event.js';
import { ListAuditKeysHandler } from './queries/list-audit-keys.js';
import { ListEventsHandler } from './queries/list-events.js';
import { ProveEventHandler } from './queries/prove-event.js';
import { SubjectTimelineHandler } from './queries/subject-timeline.js';
import { VerifyRangeHandler } from './queries/verify-range.js';

/** Shows the trail to those who may read it. */
@Module({
  imports: [CqrsModule],
  controllers: [AuditController],
  providers: [
    ExportTrailHandler,
    GetAuditHeadHandler,
    GetEventHandler,
    ListAuditKeysHandler,
    ListEventsHandler,
    ProveEventHandler,
    SubjectTimelineHandler,
    VerifyRangeHandler,
  ],
})
export class AuditApiModule {}
