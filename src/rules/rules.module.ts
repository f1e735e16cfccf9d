import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module, type OnModuleInit } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { EventTypes } from '../audit/audit.contract.js';
import { CONFIGURATION } from '../platform/config/config.module.js';
import type { Configuration } from '../platform/config/configuration.js';
import { Pools } from '../platform/database/pools.js';
import { ErrorLog } from '../platform/queue/error-log.js';
import { JobHandlers } from '../platform/queue/job-handlers.js';
import { JobSweeper } from '../platform/queue/job-sweeper.js';
import { Queues } from '../platform/queue/queues.js';
import { BACKTEST_JOB, backtestWork } from './backtests/backtest-alarm.js';
import { BacktestAssignments } from './backtests/backtest-assignment.js';
import { BacktestProcesses } from './backtests/backtest-processes.js';
import { BacktestWorker } from './backtests/backtest-worker.js';
import { backtestEventTypes } from './backtests/backtest.events.js';
import { BacktestSchema } from './backtests/backtest.schema.js';
import { BacktestsController } from './backtests/backtests.controller.js';
import { CancelBacktestHandler } from './backtests/commands/cancel-backtest.js';
import { StartBacktestHandler } from './backtests/commands/start-backtest.js';
import { GetBacktestHandler } from './backtests/queries/get-backtest.js';
import { ListBacktestsHandler } from './backtests/queries/list-backtests.js';
import { SealedCases } from './backtests/sealed-cases.js';
import { BusinessRulesController } from './business-rules/business-rules.controller.js';
import { BundlesController } from './business-rules/bundles/bundles.controller.js';
import { ExportRulesHandler } from './business-rules/bundles/export-rules.js';
import { FunctionChecks } from './business-rules/bundles/function-checks.js';
import { ImportChecks } from './business-rules/bundles/import-checks.js';
import { ImportRulesHandler } from './business-rules/bundles/import-rules.js';
import { ChangeRuleForceHandler } from './business-rules/commands/change-rule-force.js';
import { CreateRuleHandler } from './business-rules/commands/create-rule.js';
import { ReviseRuleHandler } from './business-rules/commands/revise-rule.js';
import { RollBackRuleHandler } from './business-rules/commands/roll-back-rule.js';
import { DiffRuleVersionsHandler } from './business-rules/queries/diff-rule-versions.js';
import { GetRuleHandler } from './business-rules/queries/get-rule.js';
import { ListRuleVersionsHandler } from './business-rules/queries/list-rule-versions.js';
import { ListRulesHandler } from './business-rules/queries/list-rules.js';
import { RuleHistoryController } from './business-rules/rule-history.controller.js';
import { RuleAuthoring } from './business-rules/rule-authoring.js';
import { RuleLimits } from './business-rules/rule-limits.js';
import { ruleEventTypes } from './business-rules/rule.events.js';
import { RuleSchema } from './business-rules/rule.schema.js';
import { ConflictThread } from './conflicts/conflict-thread.js';
import { ConflictsController } from './conflicts/conflicts.controller.js';
import { FindRuleConflictsHandler } from './conflicts/queries/find-rule-conflicts.js';
import { ActionTypes } from './decisions/action-types.js';
import { ExecuteRulesBatchHandler } from './decisions/commands/execute-rules-batch.js';
import { ExecuteRulesHandler } from './decisions/commands/execute-rules.js';
import { Decider } from './decisions/decider.js';
import { DecisionSealing } from './decisions/decision-sealing.js';
import { rulesExecuted } from './decisions/decision-record.js';
import { DecisionRecorder } from './decisions/decision-recorder.js';
import { Effects } from './decisions/effects.js';
import { EngineController } from './decisions/engine.controller.js';
import { ExecutionReader } from './decisions/execution-reader.js';
import { ExecutionsController } from './decisions/executions.controller.js';
import { RuleMetricsController } from './decisions/metrics.controller.js';
import { OperationMetrics } from './decisions/operation-metrics.js';
import { ExplanationsController } from './decisions/explanations.controller.js';
import { EvaluateLogicHandler } from './decisions/queries/evaluate-logic.js';
import { ExecutionHistoryHandler } from './decisions/queries/execution-history.js';
import { ExplainExecutionHandler } from './decisions/queries/explain-execution.js';
import { GetExecutionHandler } from './decisions/queries/get-execution.js';
import { ListExecutionsHandler } from './decisions/queries/list-executions.js';
import { ReplayExecutionHandler } from './decisions/queries/replay-execution.js';
import { TestRuleHandler } from './decisions/queries/test-rule.js';
import { Readers } from './decisions/readers.js';
import { RecordedDecisions } from './decisions/recorded-decisions.js';
import { RuleMetrics } from './decisions/rule-metrics.js';
import { RuleSetDecider } from './decisions/rule-set-decider.js';
import { RuleSets } from './decisions/rule-sets.js';
import { SealedValues } from './decisions/sealed-values.js';
import { SubjectDecisions } from './decisions/subject-decisions.js';
import {
  ChangeEntryPointHandler,
  CreateEntryPointHandler,
  RemoveEntryPointHandler,
} from './entry-points/commands/change-entry-points.js';
import { CustomEntryPointSchema } from './entry-points/custom-entry-point.schema.js';
import { entryPointEventTypes } from './entry-points/entry-point.events.js';
import { EntryPointsController } from './entry-points/entry-points.controller.js';
import { EntryPoints } from './entry-points/entry-points.js';
import { CustomFunctionSchema } from './functions/custom-function.schema.js';
import { functionEventTypes } from './functions/custom-function.events.js';
import { functionProviders } from './functions/function-providers.js';
import { FunctionsController } from './functions/functions.controller.js';

@Module({
  imports: [
    CqrsModule,
    MikroOrmModule.forFeature([BacktestSchema, RuleSchema, CustomEntryPointSchema, CustomFunctionSchema]),
  ],
  controllers: [
    BacktestsController,
    ExecutionsController,
    ExplanationsController,
    RuleMetricsController,
    BundlesController,
    ConflictsController,
    RuleHistoryController,
    BusinessRulesController,
    EngineController,
    EntryPointsController,
    FunctionsController,
  ],
  providers: [
    ActionTypes,
    BacktestAssignments,
    BacktestProcesses,
    BacktestWorker,
    ConflictThread,
    Decider,
    DecisionRecorder,
    DecisionSealing,
    OperationMetrics,
    ExecuteRulesBatchHandler,
    Effects,
    EntryPoints,
    ExecutionReader,
    Readers,
    SealedCases,
    RecordedDecisions,
    RuleAuthoring,
    RuleLimits,
    RuleMetrics,
    RuleSetDecider,
    RuleSets,
    SealedValues,
    SubjectDecisions,
    ChangeRuleForceHandler,
    CreateRuleHandler,
    ReviseRuleHandler,
    RollBackRuleHandler,
    DiffRuleVersionsHandler,
    ExportRulesHandler,
    FunctionChecks,
    ImportChecks,
    ImportRulesHandler,
    ExecuteRulesHandler,
    CancelBacktestHandler,
    StartBacktestHandler,
    GetBacktestHandler,
    ListBacktestsHandler,
    ChangeEntryPointHandler,
    CreateEntryPointHandler,
    RemoveEntryPointHandler,
    GetRuleHandler,
    ListRulesHandler,
    ListRuleVersionsHandler,
    EvaluateLogicHandler,
    FindRuleConflictsHandler,
    ExecutionHistoryHandler,
    ExplainExecutionHandler,
    GetExecutionHandler,
    ReplayExecutionHandler,
    ListExecutionsHandler,
    TestRuleHandler,
    ...functionProviders,
    {
      provide: 'backtests-sweeper',
      inject: [CONFIGURATION, Pools, Queues, ErrorLog],
      useFactory: (configuration: Configuration, pools: Pools, queues: Queues, errors: ErrorLog) =>
        new JobSweeper(
          { configuration, pool: pools.get('sweeper', { role: 'sweeper', max: 1 }), queues, errors },
          backtestWork,
        ),
    },
  ],
  exports: [ActionTypes, EntryPoints, OperationMetrics, SubjectDecisions],
})
export class RulesModule implements OnModuleInit {
  constructor(
    eventTypes: EventTypes,
    private readonly jobHandlers: JobHandlers,
    private readonly backtestWorker: BacktestWorker,
  ) {
    eventTypes.register([
      rulesExecuted,
      ...ruleEventTypes,
      ...entryPointEventTypes,
      ...functionEventTypes,
      ...backtestEventTypes,
    ]);
  }

  onModuleInit(): void {
    this.jobHandlers.register({
      queue: 'jobs',
      name: BACKTEST_JOB,
      handle: (data, signal) => this.backtestWorker.handle(data, signal),
    });
  }
}
