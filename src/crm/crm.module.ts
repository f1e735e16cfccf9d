import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module, type OnModuleInit } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { EventTypes, Reactions } from '../audit/audit.contract.js';
import { CONFIGURATION } from '../platform/config/config.module.js';
import type { Configuration } from '../platform/config/configuration.js';
import { Pools } from '../platform/database/pools.js';
import { ErrorLog } from '../platform/queue/error-log.js';
import { JobHandlers } from '../platform/queue/job-handlers.js';
import { JobSweeper } from '../platform/queue/job-sweeper.js';
import { Queues } from '../platform/queue/queues.js';
import { ActionTypes, EntryPoints } from '../rules/rules.contract.js';
import { RulesModule } from '../rules/rules.module.js';
import { leadCreated } from './crm.entry-points.js';
import { CancelImportHandler } from './imports/commands/cancel-import.js';
import { ReceiveImportHandler } from './imports/commands/receive-import.js';
import { IMPORT_JOB, importWork } from './imports/import-alarm.js';
import { ImportChunks } from './imports/import-chunks.js';
import { ImportWorker } from './imports/import-worker.js';
import { ImportsController } from './imports/imports.controller.js';
import { importEventTypes } from './imports/lead-import.events.js';
import { LeadImportSchema } from './imports/lead-import.schema.js';
import { GetImportHandler } from './imports/queries/get-import.js';
import { ListImportsHandler } from './imports/queries/list-imports.js';
import { ReadImportErrorsHandler } from './imports/queries/read-import-errors.js';
import { ChangeLeadHandler } from './leads/commands/change-lead.js';
import { CreateLeadHandler } from './leads/commands/create-lead.js';
import { DeleteLeadHandler } from './leads/commands/delete-lead.js';
import { leadEventTypes } from './leads/lead.events.js';
import { LeadMetrics } from './leads/lead-metrics.js';
import { LeadSchema } from './leads/lead.schema.js';
import { LeadsController } from './leads/leads.controller.js';
import { GetLeadHandler } from './leads/queries/get-lead.js';
import { ListLeadsHandler } from './leads/queries/list-leads.js';
import { DecideWhenLeadCreated } from './leads/reactions/decide-when-lead-created.js';
import { createTask } from './tasks/create-task.js';
import { taskEventTypes } from './tasks/task.events.js';

const handlers = [
  CancelImportHandler,
  ChangeLeadHandler,
  CreateLeadHandler,
  DeleteLeadHandler,
  GetImportHandler,
  GetLeadHandler,
  ListImportsHandler,
  ListLeadsHandler,
  ReadImportErrorsHandler,
  ReceiveImportHandler,
];

/** Leads: how they come in, singly and by file, and what is decided about them. */
@Module({
  imports: [CqrsModule, RulesModule, MikroOrmModule.forFeature([LeadImportSchema, LeadSchema])],
  controllers: [ImportsController, LeadsController],
  providers: [
    ...handlers,
    DecideWhenLeadCreated,
    ImportChunks,
    ImportWorker,
    LeadMetrics,
    {
      provide: 'imports-sweeper',
      inject: [CONFIGURATION, Pools, Queues, ErrorLog],
      useFactory: (configuration: Configuration, pools: Pools, queues: Queues, errors: ErrorLog) =>
        new JobSweeper(
          { configuration, pool: pools.get('sweeper', { role: 'sweeper', max: 1 }), queues, errors },
          importWork,
        ),
    },
  ],
})
export class CrmModule implements OnModuleInit {
  constructor(
    private readonly eventTypes: EventTypes,
    private readonly entryPoints: EntryPoints,
    private readonly actionTypes: ActionTypes,
    private readonly reactions: Reactions,
    private readonly decideWhenLeadCreated: DecideWhenLeadCreated,
    private readonly jobHandlers: JobHandlers,
    private readonly importWorker: ImportWorker,
  ) {}

  onModuleInit(): void {
    this.eventTypes.register([...leadEventTypes, ...importEventTypes, ...taskEventTypes]);
    this.entryPoints.register(leadCreated);
    this.actionTypes.register(createTask);
    this.reactions.register(this.decideWhenLeadCreated);
    this.jobHandlers.register({
      queue: 'jobs',
      name: IMPORT_JOB,
      handle: (data, signal) => this.importWorker.handle(data, signal),
    });
  }
}
