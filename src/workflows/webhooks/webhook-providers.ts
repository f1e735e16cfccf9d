import { Injectable, type OnModuleInit } from '@nestjs/common';
import { CONFIGURATION } from '../../platform/config/config.module.js';
import type { Configuration } from '../../platform/config/configuration.js';
import { Pools } from '../../platform/database/pools.js';
import { ErrorLog } from '../../platform/queue/error-log.js';
import { JobHandlers } from '../../platform/queue/job-handlers.js';
import { JobSweeper } from '../../platform/queue/job-sweeper.js';
import { Queues } from '../../platform/queue/queues.js';
import { StepActions } from '../executions/step-actions.js';
import { CallWebhook } from './call-webhook.js';
import { ChangeWebhookEndpointHandler } from './commands/change-webhook-endpoint.js';
import { CreateWebhookEndpointHandler } from './commands/create-webhook-endpoint.js';
import { RedeliverWebhookHandler } from './commands/redeliver-webhook.js';
import { RemoveWebhookEndpointHandler } from './commands/remove-webhook-endpoint.js';
import { RotateWebhookSecretHandler } from './commands/rotate-webhook-secret.js';
import { TestWebhookEndpointHandler } from './commands/test-webhook-endpoint.js';
import { GetWebhookDeliveryHandler } from './queries/get-webhook-delivery.js';
import { GetWebhookEndpointHandler } from './queries/get-webhook-endpoint.js';
import { ListWebhookDeliveriesHandler } from './queries/list-webhook-deliveries.js';
import { ListWebhookEndpointsHandler } from './queries/list-webhook-endpoints.js';
import { attemptWork, WEBHOOK_JOB } from './requested-attempt-alarm.js';
import { RequestedAttempts } from './requested-attempts.js';
import { WebhookDeliveriesController } from './webhook-deliveries.controller.js';
import { WebhookEndpointsController } from './webhook-endpoints.controller.js';
import { WebhookMetrics } from './webhook-metrics.js';
import { WebhookOutbox } from './webhook-outbox.js';
import { WebhookSecrets } from './webhook-secrets.js';
import { WebhookSender } from './webhook-sender.js';
import { WebhookTargets } from './webhook-targets.js';

/** Makes webhooks known where their kinds of things are looked up. */
@Injectable()
export class WebhookRegistration implements OnModuleInit {
  constructor(
    private readonly stepActions: StepActions,
    private readonly jobHandlers: JobHandlers,
    private readonly callWebhook: CallWebhook,
    private readonly attempts: RequestedAttempts,
  ) {}

  onModuleInit(): void {
    this.stepActions.register(this.callWebhook);
    this.jobHandlers.register({
      queue: 'webhooks',
      name: WEBHOOK_JOB,
      handle: (data, signal) => this.attempts.handle(data, signal),
    });
  }
}

/** Outgoing webhooks, as a part of the workflows' module. */
export const webhookProviders = [
  CallWebhook,
  ChangeWebhookEndpointHandler,
  CreateWebhookEndpointHandler,
  GetWebhookDeliveryHandler,
  GetWebhookEndpointHandler,
  ListWebhookDeliveriesHandler,
  ListWebhookEndpointsHandler,
  RedeliverWebhookHandler,
  RemoveWebhookEndpointHandler,
  RequestedAttempts,
  RotateWebhookSecretHandler,
  TestWebhookEndpointHandler,
  WebhookMetrics,
  WebhookOutbox,
  WebhookRegistration,
  WebhookSecrets,
  WebhookSender,
  WebhookTargets,
  {
    provide: 'webhooks-sweeper',
    inject: [CONFIGURATION, Pools, Queues, ErrorLog],
    useFactory: (configuration: Configuration, pools: Pools, queues: Queues, errors: ErrorLog) =>
      new JobSweeper(
        { configuration, pool: pools.get('sweeper', { role: 'sweeper', max: 1 }), queues, errors },
        attemptWork,
      ),
  },
];

/** The routes of outgoing webhooks. */
export const webhookControllers = [WebhookEndpointsController, WebhookDeliveriesController];
