import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { EventTypes } from '../audit/audit.contract.js';
import { BusinessRulesController } from './business-rules/business-rules.controller.js';
import { ChangeRuleForceHandler } from './business-rules/commands/change-rule-force.js';
import { CreateRuleHandler } from './business-rules/commands/create-rule.js';
import { ReviseRuleHandler } from './business-rules/commands/revise-rule.js';
import { GetRuleHandler } from './business-rules/queries/get-rule.js';
import { ListRuleVersionsHandler } from './business-rules/queries/list-rule-versions.js';
import { ListRulesHandler } from './business-rules/queries/list-rules.js';
import { RuleAuthoring } from './business-rules/rule-authoring.js';
import { ruleEventTypes } from './business-rules/rule.events.js';
import { RuleSchema } from './business-rules/rule.schema.js';
import { ConflictThread } from './conflicts/conflict-thread.js';
import { ConflictsController } from './conflicts/conflicts.controller.js';
import { FindRuleConflictsHandler } from './conflicts/queries/find-rule-conflicts.js';
import { ActionTypes } from './decisions/action-types.js';
import { ExecuteRulesHandler } from './decisions/commands/execute-rules.js';
import { Decider } from './decisions/decider.js';
import { rulesExecuted } from './decisions/decision-record.js';
import { Effects } from './decisions/effects.js';
import { EngineController } from './decisions/engine.controller.js';
import { ExecutionsController } from './decisions/executions.controller.js';
import { EvaluateLogicHandler } from './decisions/queries/evaluate-logic.js';
import { ExecutionHistoryHandler } from './decisions/queries/execution-history.js';
import { GetExecutionHandler } from './decisions/queries/get-execution.js';
import { ListExecutionsHandler } from './decisions/queries/list-executions.js';
import { TestRuleHandler } from './decisions/queries/test-rule.js';
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

@Module({
  imports: [CqrsModule, MikroOrmModule.forFeature([RuleSchema, CustomEntryPointSchema])],
  controllers: [
    ExecutionsController,
    ConflictsController,
    BusinessRulesController,
    EngineController,
    EntryPointsController,
  ],
  providers: [
    ActionTypes,
    ConflictThread,
    Decider,
    Effects,
    EntryPoints,
    RuleAuthoring,
    RuleMetrics,
    RuleSetDecider,
    RuleSets,
    SealedValues,
    SubjectDecisions,
    ChangeRuleForceHandler,
    CreateRuleHandler,
    ReviseRuleHandler,
    ExecuteRulesHandler,
    ChangeEntryPointHandler,
    CreateEntryPointHandler,
    RemoveEntryPointHandler,
    GetRuleHandler,
    ListRulesHandler,
    ListRuleVersionsHandler,
    EvaluateLogicHandler,
    FindRuleConflictsHandler,
    ExecutionHistoryHandler,
    GetExecutionHandler,
    ListExecutionsHandler,
    TestRuleHandler,
  ],
  exports: [ActionTypes, EntryPoints, SubjectDecisions],
})
export class RulesModule {
  constructor(eventTypes: EventTypes) {
    eventTypes.register([rulesExecuted, ...ruleEventTypes, ...entryPointEventTypes]);
  }
}
