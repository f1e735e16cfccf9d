import { UnitOfWork } from '../../audit/audit.contract.js';
import { CONFIGURATION } from '../../platform/config/config.module.js';
import type { Configuration } from '../../platform/config/configuration.js';
import { Pools } from '../../platform/database/pools.js';
import { Logger } from '../../platform/logging/logger.js';
import { ErrorLog } from '../../platform/queue/error-log.js';
import { Executions } from '../executions/executions.js';
import { ReceiveWebhookHandler } from './commands/receive-webhook.js';
import { RemoveWebhookHandler } from './commands/remove-webhook.js';
import { SetUpWebhookHandler } from './commands/set-up-webhook.js';
import { HooksController } from './hooks.controller.js';
import { GetScheduleHandler } from './queries/get-schedule.js';
import { GetWebhookHandler } from './queries/get-webhook.js';
import { PreviewScheduleHandler } from './queries/preview-schedule.js';
import { ScheduleFiring } from './schedule-firing.js';
import { TriggerSweeper } from './trigger-sweeper.js';
import { TriggersController } from './triggers.controller.js';
import { WebhookSecrets } from './webhook-secrets.js';

/** What starts workflows by itself. */
export const triggerProviders = [
  GetScheduleHandler,
  GetWebhookHandler,
  PreviewScheduleHandler,
  ReceiveWebhookHandler,
  RemoveWebhookHandler,
  SetUpWebhookHandler,
  WebhookSecrets,
  {
    provide: ScheduleFiring,
    inject: [UnitOfWork, Executions, Logger],
    useFactory: (unitOfWork: UnitOfWork, executions: Executions, logger: Logger) =>
      new ScheduleFiring({ unitOfWork, executions, logger }),
  },
  {
    provide: TriggerSweeper,
    inject: [CONFIGURATION, Pools, ScheduleFiring, ErrorLog],
    useFactory: (configuration: Configuration, pools: Pools, firing: ScheduleFiring, errors: ErrorLog) =>
      new TriggerSweeper({ configuration, pool: pools.get('sweeper', { role: 'sweeper', max: 1 }), firing, errors }),
  },
];

/** Before the workflows' own controller: its `:id` would take `hooks` and `schedule-preview`. */
export const triggerControllers = [HooksController, TriggersController];
