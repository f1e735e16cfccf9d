import { MikroOrmModule } from '@mikro-orm/nestjs';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { EventTypes, Reactions, UnitOfWork } from '../audit/audit.contract.js';
import { IdentityModule } from '../identity/identity.module.js';
import { systemTimers } from '../kernel/timers.js';
import { CONFIGURATION } from '../platform/config/config.module.js';
import type { Configuration } from '../platform/config/configuration.js';
import { Pools } from '../platform/database/pools.js';
import { Sql } from '../platform/database/sql.js';
import { Logger } from '../platform/logging/logger.js';
import { Mailer } from '../platform/mail/mailer.js';
import { MailModule } from '../platform/mail/mail.module.js';
import { OutboundModule } from '../platform/outbound/outbound.module.js';
import { Metrics } from '../platform/metrics/metrics.js';
import { ErrorLog } from '../platform/queue/error-log.js';
import { JobHandlers } from '../platform/queue/job-handlers.js';
import { Queues } from '../platform/queue/queues.js';
import { ActionTypes } from '../rules/rules.contract.js';
import { RulesModule } from '../rules/rules.module.js';
import { ArchiveWorkflowHandler } from './definitions/commands/archive-workflow.js';
import { CreateWorkflowHandler } from './definitions/commands/create-workflow.js';
import { ReviseWorkflowHandler } from './definitions/commands/revise-workflow.js';
import { DefinitionCheck } from './definitions/definition-check.js';
import { Definitions, settingsOf } from './definitions/definitions.js';
import { GetWorkflowHandler } from './definitions/queries/get-workflow.js';
import { ListWorkflowVersionsHandler } from './definitions/queries/list-workflow-versions.js';
import { ListWorkflowsHandler } from './definitions/queries/list-workflows.js';
import { WorkflowSchema } from './definitions/workflow.schema.js';
import { WorkflowsController } from './definitions/workflows.controller.js';
import { ChangeEmailTemplateHandler } from './emails/commands/change-email-template.js';
import { CreateEmailTemplateHandler } from './emails/commands/create-email-template.js';
import { RemoveEmailTemplateHandler } from './emails/commands/remove-email-template.js';
import { EmailOutbox } from './emails/email-outbox.js';
import { EmailPreviewsController } from './emails/email-previews.controller.js';
import { EmailTemplateSchema } from './emails/email-template.schema.js';
import { EmailTemplatesController } from './emails/email-templates.controller.js';
import { EmailsController } from './emails/emails.controller.js';
import { KeptMailsController } from './emails/kept-mails.controller.js';
import { GetEmailTemplateHandler } from './emails/queries/get-email-template.js';
import { ListEmailTemplatesHandler } from './emails/queries/list-email-templates.js';
import { ListEmailTemplateVersionsHandler } from './emails/queries/list-email-template-versions.js';
import { ListEmailsHandler } from './emails/queries/list-emails.js';
import { PreviewEmailTemplateHandler } from './emails/queries/preview-email-template.js';
import { SendEmail } from './emails/send-email.js';
import { RunRules } from './executions/actions/run-rules.js';
import { StartWorkflow } from './executions/actions/start-workflow.js';
import { ExecutionCommandsController } from './executions/execution-commands.controller.js';
import { executionHandlers, executionProviders } from './executions/execution-providers.js';
import { Executions } from './executions/executions.js';
import { Interventions } from './executions/interventions.js';
import { WorkflowExecutionsController } from './executions/workflow-executions.controller.js';
import { CancelChildrenWhenLeft } from './executions/reactions/cancel-children-when-left.js';
import { ResumeExecutionsWhenEventHappened } from './executions/reactions/resume-executions-when-event-happened.js';
import { StartWorkflowsWhenEventHappened } from './executions/reactions/start-workflows-when-event-happened.js';
import { StepActions } from './executions/step-actions.js';
import { STEP_JOB, stepQueues } from './executions/step-jobs.js';
import { StepRunner } from './executions/step-runner.js';
import { StepSweeper } from './executions/step-sweeper.js';
import { SweepMetrics } from './executions/sweep-metrics.js';
import { SweptRuns } from './executions/swept-runs.js';
import { HumanTasksController } from './executions/tasks/human-tasks.controller.js';
import { triggerWorkflow } from './executions/trigger-workflow.js';
import { ExecutionEventsController } from './observation/execution-events.controller.js';
import { observationProviders } from './observation/observation-providers.js';
import { WorkflowMetricsController } from './observation/workflow-metrics.controller.js';
import { WebhookEndpointSchema } from './webhooks/webhook-endpoint.schema.js';
import { webhookControllers, webhookProviders } from './webhooks/webhook-providers.js';
import { triggerControllers, triggerProviders } from './triggers/trigger-providers.js';
import { workflowEventTypes } from './workflows.events.js';

const handlers = [
  ...executionHandlers,
  ArchiveWorkflowHandler,
  ChangeEmailTemplateHandler,
  CreateEmailTemplateHandler,
  CreateWorkflowHandler,
  GetEmailTemplateHandler,
  GetWorkflowHandler,
  ListEmailsHandler,
  ListEmailTemplatesHandler,
  ListEmailTemplateVersionsHandler,
  ListWorkflowsHandler,
  ListWorkflowVersionsHandler,
  PreviewEmailTemplateHandler,
  RemoveEmailTemplateHandler,
  ReviseWorkflowHandler,
];

const services = [
  StepActions,
  {
    provide: Definitions,
    inject: [Sql, CONFIGURATION],
    useFactory: (sql: Sql, configuration: Configuration) => new Definitions(sql, settingsOf(configuration)),
  },
  {
    provide: DefinitionCheck,
    inject: [StepActions, EventTypes],
    useFactory: (actions: StepActions, eventTypes: EventTypes) => new DefinitionCheck(actions, eventTypes),
  },
  ...executionProviders,
  {
    provide: StepSweeper,
    inject: [Pools, Queues, ErrorLog, Metrics],
    useFactory: (pools: Pools, queues: Queues, errors: ErrorLog, metrics: Metrics) =>
      new StepSweeper({
        runs: new SweptRuns(pools.get('sweeper', { role: 'sweeper', max: 1 })),
        queues,
        errors,
        timers: systemTimers,
        metrics: new SweepMetrics(metrics),
      }),
  },
  {
    provide: SendEmail,
    inject: [Sql, UnitOfWork, Mailer],
    useFactory: (sql: Sql, unitOfWork: UnitOfWork, mailer: Mailer) =>
      new SendEmail({ sql, outbox: new EmailOutbox(sql, unitOfWork), mailer }),
  },
];

/** Named once, because the library forgets the entities of all modules when one of them names its own again. */
const mapping = MikroOrmModule.forFeature([EmailTemplateSchema, WebhookEndpointSchema, WorkflowSchema]);

/** Durable workflows: their definitions, their executions, and the mails that they send. */
@Module({})
export class WorkflowsModule implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(EventTypes) private readonly eventTypes: EventTypes,
    @Inject(Reactions) private readonly reactions: Reactions,
    @Inject(JobHandlers) private readonly jobHandlers: JobHandlers,
    @Inject(ActionTypes) private readonly actionTypes: ActionTypes,
    @Inject(StepActions) private readonly stepActions: StepActions,
    @Inject(SendEmail) private readonly sendEmail: SendEmail,
    @Inject(StartWorkflow) private readonly startWorkflow: StartWorkflow,
    @Inject(RunRules) private readonly runRules: RunRules,
    @Inject(Executions) private readonly executions: Executions,
    @Inject(Interventions) private readonly interventions: Interventions,
    @Inject(ResumeExecutionsWhenEventHappened)
    private readonly resumeExecutions: ResumeExecutionsWhenEventHappened,
    @Inject(StepRunner) private readonly runner: StepRunner,
    @Inject(StepSweeper) private readonly sweeper: StepSweeper,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  static forRoot(configuration: Pick<Configuration, 'isProduction'>): DynamicModule {
    const forDevelopment = configuration.isProduction ? [] : [KeptMailsController];
    return {
      module: WorkflowsModule,
      imports: [IdentityModule, MailModule, OutboundModule, RulesModule, mapping],
      // In this order: a fixed segment must be registered before another controller's parameter.
      controllers: [
        ExecutionEventsController,
        WorkflowMetricsController,
        ...triggerControllers,
        HumanTasksController,
        ExecutionCommandsController,
        WorkflowExecutionsController,
        WorkflowsController,
        EmailPreviewsController,
        EmailTemplatesController,
        EmailsController,
        ...webhookControllers,
        ...forDevelopment,
      ],
      providers: [...handlers, ...services, ...observationProviders, ...triggerProviders, ...webhookProviders],
      exports: [Executions, StepActions],
    };
  }

  onModuleInit(): void {
    const { eventTypes, executions, logger, runner } = this;
    eventTypes.register(workflowEventTypes);
    for (const action of [this.sendEmail, this.startWorkflow, this.runRules]) this.stepActions.register(action);
    this.actionTypes.register(triggerWorkflow(executions));
    this.reactions.register(new StartWorkflowsWhenEventHappened({ eventTypes, executions, logger }));
    this.reactions.register(this.resumeExecutions);
    this.reactions.register(new CancelChildrenWhenLeft(this.interventions));
    for (const queue of stepQueues) {
      this.jobHandlers.register({ queue, name: STEP_JOB, handle: (data, signal) => runner.handle(data, signal) });
    }
  }

  onApplicationBootstrap(): void {
    if (this.configuration.PROCESS_ROLE !== 'api') this.sweeper.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.sweeper.stop();
  }
}
