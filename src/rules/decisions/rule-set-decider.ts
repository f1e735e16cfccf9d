import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../../kernel/json.js';
import { calledFunctions } from '../engine/called-functions.js';
import { decide, type Decision } from '../engine/decide.js';
import type { Facts } from '../engine/facts.js';
import type { CompiledRuleSet, FailurePolicy } from '../engine/rule-set.js';
import { FunctionSandbox } from '../functions/function-sandbox.js';
import type { RuleSet } from './rule-sets.js';

/** Decides by a rule set in whatever place its rules need; the one way to run the engine outside of a back-test. */
@Injectable()
export class RuleSetDecider {
  private readonly callsFunctions = new WeakMap<CompiledRuleSet, boolean>();

  constructor(private readonly sandbox: FunctionSandbox) {}

  /**
   * At once when no rule calls a function; otherwise all of it in the thread where functions run.
   * @throws unavailable `sandbox-busy` or `sandbox-unavailable`, of sets that call functions
   */
  decide(
    { compiled }: Pick<RuleSet, 'compiled'>,
    failurePolicy: FailurePolicy,
    context: JsonObject,
    facts: Facts,
  ): Decision | Promise<Decision> {
    if (this.needsThread(compiled)) return this.sandbox.decide({ compiled, failurePolicy, context, facts });
    return decide({ ...compiled, failurePolicy }, context, facts);
  }

  private needsThread(compiled: CompiledRuleSet): boolean {
    if (compiled.functions.size === 0) return false;
    const known = this.callsFunctions.get(compiled);
    if (known !== undefined) return known;
    const calls = compiled.rules.some(({ expression }) => calledFunctions(expression).length > 0);
    this.callsFunctions.set(compiled, calls);
    return calls;
  }
}
