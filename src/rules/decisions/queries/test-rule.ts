import { Query, QueryBus, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { newId } from '../../../kernel/id.js';
import type { JsonObject } from '../../../kernel/json.js';
import type { Actor } from '../../../platform/http/actor.js';
import { GetRule } from '../../business-rules/queries/get-rule.js';
import type { Effect } from '../../engine/effects.js';
import { compileRuleSet } from '../../engine/rule-set.js';
import { RuleVocabulary } from '../../functions/rule-vocabulary.js';
import { factsOf } from '../facts-of.js';
import { RuleSetDecider } from '../rule-set-decider.js';

/** How one rule behaves over one context, with nothing written. */
export interface RuleTest {
  /** False only when something failed; a condition that does not hold passes. */
  readonly passed: boolean;
  readonly conditionResult: boolean;
  /** What the actions would do. */
  readonly actionResults: readonly Effect[];
  readonly errors: readonly string[];
}

/** Tries the newest definition of a rule, live or not, whatever its validity. */
export class TestRule extends Query<RuleTest> {
  constructor(
    readonly actor: Actor,
    readonly id: string,
    readonly context: JsonObject,
  ) {
    super();
  }
}

@QueryHandler(TestRule)
export class TestRuleHandler implements IQueryHandler<TestRule> {
  constructor(
    private readonly queries: QueryBus,
    private readonly vocabulary: RuleVocabulary,
    private readonly decider: RuleSetDecider,
  ) {}

  /** @throws not-found, unavailable when its functions cannot run at the moment */
  async execute({ actor, id, context }: TestRule): Promise<RuleTest> {
    const rule = await this.queries.execute(new GetRule(actor, id));
    const definition = { ...rule, enabled: true, validFrom: null, validUntil: null };
    const { actionTypes } = this.vocabulary;
    const functions = await this.vocabulary.callable(actor.organizationId, [rule]);
    const compiled = compileRuleSet([definition], { actionTypes, failurePolicy: 'fail_open', functions });
    const facts = factsOf(actor, newId());
    const { matchedRules, effects, errors } = await this.decider.decide({ compiled }, 'fail_open', context, facts);
    return {
      passed: errors.length === 0,
      conditionResult: matchedRules.length > 0,
      actionResults: effects,
      errors: errors.map(({ message }) => message),
    };
  }
}
