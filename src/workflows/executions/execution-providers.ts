import { CommandBus } from '@nestjs/cqrs';
import { EventTypes, Installation, UnitOfWork } from '../../audit/audit.contract.js';
import { newId } from '../../kernel/id.js';
import { systemTimers } from '../../kernel/timers.js';
import { CONFIGURATION } from '../../platform/config/config.module.js';
import type { Configuration } from '../../platform/config/configuration.js';
import { Sql } from '../../platform/database/sql.js';
import { Logger } from '../../platform/logging/logger.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { Queues } from '../../platform/queue/queues.js';
import { Definitions } from '../definitions/definitions.js';
import { RunRules } from './actions/run-rules.js';
import { StartWorkflow } from './actions/start-workflow.js';
import { ChildExecutions } from './child-executions.js';
import { CancelExecutionHandler } from './commands/cancel-execution.js';
import { ExecuteWorkflowHandler } from './commands/execute-workflow.js';
import { ResumeStepHandler } from './commands/resume-step.js';
import { RetryExecutionHandler } from './commands/retry-execution.js';
import { EventDeliveries } from './deliveries/event-deliveries.js';
import { WaitFilters } from './deliveries/wait-filters.js';
import { ExecutionLines } from './execution-lines.js';
import { ExecutionMetrics } from './execution-metrics.js';
import { ExecutionStore } from './execution-store.js';
import { Executions } from './executions.js';
import { Interventions } from './interventions.js';
import { GetExecutionHandler } from './queries/get-execution.js';
import { ListExecutionsHandler } from './queries/list-executions.js';
import { ResumeExecutionsWhenEventHappened } from './reactions/resume-executions-when-event-happened.js';
import { StepActions } from './step-actions.js';
import { StepRunner } from './step-runner.js';
import { StepTransitions } from './step-transitions.js';
import { StepWork } from './step-work.js';
import { CompleteHumanTaskHandler } from './tasks/commands/complete-human-task.js';
import { GetHumanTaskHandler } from './tasks/queries/get-human-task.js';
import { ListHumanTasksHandler } from './tasks/queries/list-human-tasks.js';
import { StepResults } from './tasks/step-results.js';

/** Commands and queries of executions and of human tasks. */
export const executionHandlers = [
  CancelExecutionHandler,
  CompleteHumanTaskHandler,
  ExecuteWorkflowHandler,
  GetExecutionHandler,
  GetHumanTaskHandler,
  ListExecutionsHandler,
  ListHumanTasksHandler,
  ResumeStepHandler,
  RetryExecutionHandler,
];

/** What runs executions: their rows, their steps, and what people do to them. */
export const executionProviders = [
  ExecutionLines,
  {
    provide: Executions,
    inject: [Definitions, StepActions, Queues],
    useFactory: (definitions: Definitions, actions: StepActions, queues: Queues) =>
      new Executions({ definitions, actions, queues }),
  },
  {
    provide: Interventions,
    inject: [Definitions, StepActions, Queues],
    useFactory: (definitions: Definitions, actions: StepActions, queues: Queues) =>
      new Interventions({ definitions, actions, queues }),
  },
  {
    provide: ExecutionStore,
    inject: [Sql, Installation, EventTypes, CONFIGURATION],
    useFactory: (sql: Sql, installation: Installation, eventTypes: EventTypes, configuration: Configuration) =>
      new ExecutionStore({
        sql,
        installation,
        eventTypes,
        worker: newId(),
        defaultBound: configuration.WORKFLOW_MAX_CONCURRENT,
      }),
  },
  {
    provide: StepWork,
    inject: [StepActions, UnitOfWork, Executions],
    useFactory: (actions: StepActions, unitOfWork: UnitOfWork, executions: Executions) =>
      new StepWork({ actions, children: new ChildExecutions(unitOfWork, executions) }),
  },
  {
    provide: StepTransitions,
    inject: [ExecutionStore, StepActions, Queues, Logger, Metrics, ExecutionLines],
    useFactory: (
      ...[store, actions, queues, logger, metrics, lines]: [
        ExecutionStore,
        StepActions,
        Queues,
        Logger,
        Metrics,
        ExecutionLines,
      ]
    ) =>
      new StepTransitions({
        store,
        actions,
        queues,
        logger,
        metrics: new ExecutionMetrics(metrics),
        lines,
        timers: systemTimers,
        chance: Math.random,
      }),
  },
  {
    provide: StepRunner,
    inject: [ExecutionStore, Definitions, StepWork, StepTransitions, ExecutionLines, Queues],
    useFactory: (
      ...[store, definitions, work, transitions, lines, queues]: [
        ExecutionStore,
        Definitions,
        StepWork,
        StepTransitions,
        ExecutionLines,
        Queues,
      ]
    ) => new StepRunner({ store, definitions, work, transitions, lines, queues, timers: systemTimers }),
  },
  {
    provide: StartWorkflow,
    inject: [UnitOfWork, Executions],
    useFactory: (unitOfWork: UnitOfWork, executions: Executions) => new StartWorkflow(unitOfWork, executions),
  },
  {
    provide: RunRules,
    inject: [CommandBus],
    useFactory: (commands: CommandBus) => new RunRules(commands),
  },
  {
    provide: StepResults,
    inject: [Definitions, Queues],
    useFactory: (definitions: Definitions, queues: Queues) => new StepResults(definitions, queues),
  },
  {
    provide: ResumeExecutionsWhenEventHappened,
    inject: [EventTypes, Definitions, Queues, Logger],
    useFactory: (eventTypes: EventTypes, definitions: Definitions, queues: Queues, logger: Logger) => {
      const deliveries = new EventDeliveries(new WaitFilters(definitions, logger));
      return new ResumeExecutionsWhenEventHappened({ eventTypes, deliveries, queues });
    },
  },
];
