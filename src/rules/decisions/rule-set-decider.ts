import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../../kernel/json.js';
import { decide, type Decision } from '../engine/decide.js';
import type { Facts } from '../engine/facts.js';
import type { FailurePolicy } from '../engine/rule-set.js';
import type { RuleSet } from './rule-sets.js';

/** Decides by a rule set in whatever place its rules need; the one way to run the engine outside of a back-test. */
@Injectable()
export class RuleSetDecider {
  decide(
    { compiled }: RuleSet,
    failurePolicy: FailurePolicy,
    context: JsonObject,
    facts: Facts,
  ): Decision | Promise<Decision> {
    return decide({ ...compiled, failurePolicy }, context, facts);
  }
}
