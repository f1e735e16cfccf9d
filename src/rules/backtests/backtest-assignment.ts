import { Injectable } from '@nestjs/common';
import { Sql } from '../../platform/database/sql.js';
import type { AuthoredRule } from '../business-rules/rule.js';
import { ActionTypes } from '../decisions/action-types.js';
import { RuleSets } from '../decisions/rule-sets.js';
import type { PortableRuleSet } from '../engine/portable-rule-set.js';
import type { RuleDefinition } from '../engine/rule.js';
import { definitionsOf } from '../functions/function-sets.js';
import { RuleVocabulary } from '../functions/rule-vocabulary.js';
import type { ThreadAssignment } from './backtest-thread.messages.js';
import type { Backtest } from './backtest.js';

interface DraftRow extends Record<string, unknown> {
  definition: AuthoredRule;
  created_at: Date;
}

/** Work between two rests. Without rests it is longer, so that the thread need not wait to be told to go on. */
const SLICE_MS = 5;
const SLICE_WITHOUT_RESTS_MS = 100;

/** Gathers what a back-test compares: the set of its revision, and the same with the draft in place of its rule. */
@Injectable()
export class BacktestAssignments {
  constructor(
    private readonly sql: Sql,
    private readonly ruleSets: RuleSets,
    private readonly actionTypes: ActionTypes,
    private readonly vocabulary: RuleVocabulary,
  ) {}

  async of(backtest: Backtest): Promise<ThreadAssignment> {
    const { organizationId, entryPoint, ruleSetRevision, failurePolicy, ruleId, segmentPath, cpuShare } = backtest;
    const { definitions, compiled } = await this.ruleSets.at(organizationId, entryPoint, ruleSetRevision);
    const draft = await this.draftOf(backtest);
    const functions = definitionsOf(compiled.functions);
    const called = definitionsOf(await this.vocabulary.callable(organizationId, [draft]));
    const added = called.filter(({ name }) => !compiled.functions.has(name));
    const live = [...definitions.values()];
    const { portable: actionTypes } = this.actionTypes;
    // Without the schema: recorded contexts need not fit the one of today.
    const set = (rules: readonly RuleDefinition[]): PortableRuleSet => ({
      rules,
      actionTypes,
      failurePolicy,
      functions: [...functions, ...added],
    });
    const others = live.filter(({ id }) => id !== ruleId);
    const sliceMs = cpuShare === 1 ? SLICE_WITHOUT_RESTS_MS : SLICE_MS;
    return { entryPoint, before: set(live), after: set([...others, draft]), ruleId, segmentPath, sliceMs };
  }

  private async draftOf({ organizationId, ruleId, ruleVersion }: Backtest): Promise<RuleDefinition> {
    const [row] = await this.sql.read<DraftRow>(
      organizationId,
      `select rule_versions.definition, rules.created_at
       from rule_versions join rules on rules.organization_id = $1 and rules.id = rule_versions.rule_id
       where rule_versions.organization_id = $1 and rule_id = $2 and rule_versions.version = $3`,
      [organizationId, ruleId, ruleVersion],
    );
    const { definition, created_at: createdAt } = row!;
    return { ...definition, id: ruleId, version: ruleVersion, createdAt: createdAt.toISOString() };
  }
}
