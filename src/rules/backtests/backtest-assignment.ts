import { Injectable } from '@nestjs/common';
import { Sql } from '../../platform/database/sql.js';
import type { AuthoredRule } from '../business-rules/rule.js';
import { ActionTypes } from '../decisions/action-types.js';
import { RuleSets } from '../decisions/rule-sets.js';
import type { RuleDefinition } from '../engine/rule.js';
import { definitionsOf } from '../functions/function-sets.js';
import { RuleVocabulary } from '../functions/rule-vocabulary.js';
import type { ComparerAssignment } from './backtest-process.messages.js';
import type { Backtest } from './backtest.js';

interface DraftRow extends Record<string, unknown> {
  definition: AuthoredRule;
  created_at: Date;
}

/** Gathers what the process of a back-test has to know: the set of its revision, and the draft that takes its rule's place. */
@Injectable()
export class BacktestAssignments {
  constructor(
    private readonly sql: Sql,
    private readonly ruleSets: RuleSets,
    private readonly actionTypes: ActionTypes,
    private readonly vocabulary: RuleVocabulary,
  ) {}

  async of(backtest: Backtest): Promise<ComparerAssignment> {
    const { organizationId, entryPoint, ruleSetRevision, failurePolicy, segmentPath } = backtest;
    const { to, sample, cpuShare, cursorAt, cursorId } = backtest;
    const { definitions, compiled } = await this.ruleSets.at(organizationId, entryPoint, ruleSetRevision);
    const draft = await this.draftOf(backtest);
    const functions = definitionsOf(compiled.functions);
    const called = definitionsOf(await this.vocabulary.callable(organizationId, [draft]));
    const added = called.filter(({ name }) => !compiled.functions.has(name));
    return {
      scope: { organizationId, entryPoint, to: to.toISOString(), sample, cpuShare },
      cursor: { at: cursorAt.toISOString(), id: cursorId },
      // Without the schema: recorded contexts need not fit the one of today.
      ruleSet: {
        rules: [...definitions.values()],
        actionTypes: this.actionTypes.portable,
        failurePolicy,
        functions: [...functions, ...added],
      },
      draft,
      segmentPath,
    };
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
