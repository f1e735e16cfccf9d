import { Inject, Injectable } from '@nestjs/common';
import type { JsonObject } from '../../kernel/json.js';
import { newId } from '../../kernel/id.js';
import { invalid } from '../../kernel/domain-error.js';
import { CONFIGURATION } from '../../platform/config/config.module.js';
import type { Configuration } from '../../platform/config/configuration.js';
import type { Actor } from '../../platform/http/actor.js';
import type { Decision } from '../engine/decide.js';
import type { PreparedEntryPoint } from '../entry-points/entry-points.js';
import type { DecisionRecord } from './decision-record.js';
import { factsOf } from './facts-of.js';
import { RuleMetrics } from './rule-metrics.js';
import { RuleSetDecider } from './rule-set-decider.js';
import { type RuleSet, RuleSets } from './rule-sets.js';

/** What a decision is asked for. */
export interface DecisionRequest {
  readonly entryPoint: PreparedEntryPoint;
  readonly context: JsonObject;
  readonly subject?: { readonly type: string; readonly id: string };
}

/** A decision with its record, before any effect is carried out. */
export interface Decided {
  readonly decision: Decision;
  readonly record: DecisionRecord;
  /** By which rules, and whose settings say what of the record is hidden. */
  readonly ruleSet: RuleSet;
  readonly entryPoint: PreparedEntryPoint;
}

/** Takes decisions: checks the context, gathers the facts, decides, and writes down what was known. Changes nothing. */
@Injectable()
export class Decider {
  private readonly recordsUnmatched: boolean;

  constructor(
    private readonly ruleSets: RuleSets,
    private readonly ruleSetDecider: RuleSetDecider,
    private readonly metrics: RuleMetrics,
    @Inject(CONFIGURATION) configuration: Configuration,
  ) {
    this.recordsUnmatched = configuration.RULES_AUDIT_LOGGING === 'candidates';
  }

  /** @throws invalid `invalid-context` with every violation of the entry point's schema */
  async decide(actor: Actor, { entryPoint, context, subject }: DecisionRequest): Promise<Decided> {
    const violations = entryPoint.check(context);
    if (violations.length > 0) {
      throw invalid('invalid-context', `The context is not what ${entryPoint.name} asks for.`, {
        violations: violations.map(({ pointer, message }) => ({ pointer: `#/context${pointer.slice(1)}`, message })),
      });
    }
    const found = this.ruleSets.get(actor.organizationId, entryPoint);
    this.metrics.lookedUp(actor.organizationId, found instanceof Promise ? 'miss' : 'hit');
    const ruleSet = found instanceof Promise ? await found : found;
    const executionId = newId();
    const facts = factsOf(actor, executionId, subject, ruleSet.compiled.readsPermissions);
    const start = process.hrtime.bigint();
    const deciding = this.ruleSetDecider.decide(ruleSet, entryPoint.failurePolicy, context, facts);
    const decision = deciding instanceof Promise ? await deciding : deciding;
    const durationUs = Number((process.hrtime.bigint() - start) / 1000n);
    const { candidates } = decision;
    const record: DecisionRecord = {
      executionId,
      entryPoint: entryPoint.name,
      ruleSetRevision: ruleSet.revision,
      context,
      facts,
      candidates: this.recordsUnmatched ? candidates : candidates.filter(([, , outcome]) => outcome > 1),
      effects: decision.effects.map((effect) => ({ ...effect, applied: false })),
      errors: decision.errors,
      outcome: decision.outcome,
      blocked: decision.blocked,
      durationUs,
    };
    this.metrics.decided(actor.organizationId, record);
    return { decision, record, ruleSet, entryPoint };
  }
}
