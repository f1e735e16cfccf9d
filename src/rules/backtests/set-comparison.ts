import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { decide, type Decision } from '../engine/decide.js';
import type { Effect } from '../engine/effects.js';
import type { Facts } from '../engine/facts.js';
import { portableOptions, type PortableRuleSet } from '../engine/portable-rule-set.js';
import type { RuleDefinition } from '../engine/rule.js';
import { compileRuleSet, type CompiledRuleSet } from '../engine/rule-set.js';
import { TraceState } from '../engine/trace.js';
import { isSame } from '../engine/values.js';
import { compileFunctions } from '../functions/sandbox/compile-functions.js';

/** What became of one rule in one decision. */
export type RuleVerdict = 'matched' | 'failed' | 'unmatched';

/** One context, decided by two sets that differ in one rule. */
export interface SetComparison {
  readonly before: RuleVerdict;
  readonly after: RuleVerdict;
  /** Both decisions, when outcome or effects differ. */
  readonly change?: { readonly before: Decision; readonly after: Decision };
}

/** Two sets that differ in one rule, and that rule alone, before and after. */
interface Pair {
  readonly before: CompiledRuleSet;
  readonly after: CompiledRuleSet;
  readonly aloneBefore: CompiledRuleSet;
  readonly aloneAfter: CompiledRuleSet;
}

const untouched: SetComparison = { before: 'unmatched', after: 'unmatched' };

/** Decisions differ by their outcomes, what they block, or their effects with parameters and status. */
const isSameDecision = (one: Decision, other: Decision): boolean =>
  one.outcome === other.outcome &&
  one.blocked === other.blocked &&
  isSame(valueOf(one.effects), valueOf(other.effects));

const valueOf = (effects: readonly Effect[]): JsonValue => effects as unknown as JsonValue;

/** Decides contexts by a set and by the same with a draft in place of its rule. */
export class SetComparer {
  private readonly pair: Pair;

  constructor(
    live: PortableRuleSet,
    private readonly draft: RuleDefinition,
  ) {
    const options = portableOptions(live, compileFunctions);
    const compile = (rules: readonly RuleDefinition[]): CompiledRuleSet => compileRuleSet(rules, options);
    const isOther = ({ id }: RuleDefinition): boolean => id !== draft.id;
    this.pair = {
      before: compile(live.rules),
      after: compile([...live.rules.filter(isOther), draft]),
      aloneBefore: compile(live.rules.filter((rule) => !isOther(rule))),
      aloneAfter: compile([draft]),
    };
  }

  /**
   * Rules do not see one another, so a rule that neither matches nor fails alone changes nothing; only where it does
   * must the whole sets be decided.
   */
  compare(context: JsonObject, facts: Facts): SetComparison {
    const { before, after, aloneBefore, aloneAfter } = this.pair;
    const isUntouched = [aloneBefore, aloneAfter].every(
      (set) => this.verdict(decide(set, context, facts)) === 'unmatched',
    );
    if (isUntouched) return untouched;
    const [first, second] = [decide(before, context, facts), decide(after, context, facts)];
    const verdicts = { before: this.verdict(first), after: this.verdict(second) };
    if (isSameDecision(first, second)) return verdicts;
    return { ...verdicts, change: { before: first, after: second } };
  }

  private verdict({ candidates }: Decision): RuleVerdict {
    const state = candidates.find(([id]) => id === this.draft.id)?.[2];
    if (state === TraceState.True) return 'matched';
    return state === TraceState.Error ? 'failed' : 'unmatched';
  }
}
