import type { ConflictWitness } from '../conflict-report.js';
import type { CompiledRule } from '../rule-set.js';
import type { Inquiry, Verdict } from './inquiry.js';
import type { Exhaustiveness } from './search.js';
import { leastSure } from './inquiry.js';
import { commonSpan, isInForce, momentsIn } from './moments.js';
import type { Moment, Span } from './moments.js';

/** Most rules that are tried one by one as the only cause of a shadow. */
const SINGLE_CAUSES = 20;

/** A rule with the time that counts for it and the rules before it that stop. */
export interface Subject {
  readonly rule: CompiledRule;
  readonly span: Span;
  readonly stops: readonly CompiledRule[];
}

/** Asks of one rule whether it can match, can fail to match, and can be reached. */
export function inquireRule(inquiry: Inquiry, subject: Subject): void {
  const { rule, span } = subject;
  const verdict = inquiry.ask([inquiry.matched(rule)], span.fromMs, (witness) => inquiry.isMatch(rule, witness));
  if ('without' in verdict) {
    if (verdict.without !== 'exhaustive') return inquiry.leaveOpen('never-holds', [rule], verdict.without);
    const message = `No context that the schema allows makes the rule "${rule.definition.name}" match.`;
    inquiry.conflicts.push({ kind: 'never-holds', ruleIds: [rule.definition.id], message });
    return;
  }
  inquireAlways(inquiry, rule, verdict.witness);
  if (subject.stops.length > 0) inquireShadow(inquiry, subject, verdict.witness);
}

/** A condition that is written as a constant is meant to hold always, so it is no finding. */
function inquireAlways(inquiry: Inquiry, rule: CompiledRule, witness: ConflictWitness): void {
  if (rule.expression.kind === 'literal') return;
  const moment = Date.parse(witness.facts.now);
  const verdict = inquiry.ask([inquiry.unmatched(rule)], moment, (other) => !inquiry.isMatch(rule, other));
  if ('witness' in verdict) return;
  if (verdict.without !== 'exhaustive') return inquiry.leaveOpen('always-holds', [rule], verdict.without);
  const message = `Every context that the schema allows makes the rule "${rule.definition.name}" match.`;
  inquiry.conflicts.push({ kind: 'always-holds', ruleIds: [rule.definition.id], witness, message });
}

function inquireShadow(inquiry: Inquiry, subject: Subject, matching: ConflictWitness): void {
  const { rule, span, stops } = subject;
  const moments = momentsIn(span, stops);
  const isStopped = stops.some((stop) => isInForce(stop, span.fromMs) && inquiry.isMatch(stop, matching));
  if (!isStopped) return;
  const verdict = reach(inquiry, rule, moments);
  if ('witness' in verdict) return;
  if (verdict.without !== 'exhaustive') return inquiry.leaveOpen('shadowed', [rule], verdict.without);
  const causes = causesOf(inquiry, subject, moments);
  inquiry.conflicts.push({
    kind: 'shadowed',
    ruleIds: [rule.definition.id],
    shadowedBy: causes.map(({ definition }) => definition.id),
    witness: matching,
    message: `Whenever the rule "${rule.definition.name}" would match, ${namesOf(causes)} before it has matched and stopped.`,
  });
}

const namesOf = (rules: readonly CompiledRule[]): string => {
  const [only] = rules;
  return rules.length === 1 && only ? `the rule "${only.definition.name}"` : `one of ${rules.length} rules`;
};

/** A witness in which the rule matches and none of the others, at one of the moments. */
function reach(inquiry: Inquiry, rule: CompiledRule, moments: readonly Moment[]): Verdict {
  const failures: Exhaustiveness[] = [];
  for (const { moment, others } of moments) {
    const parts = [inquiry.matched(rule), ...others.map((other) => inquiry.unmatched(other))];
    const verdict = inquiry.ask(
      parts,
      moment,
      (witness) => inquiry.isMatch(rule, witness) && !others.some((other) => inquiry.isMatch(other, witness)),
    );
    if ('witness' in verdict) return verdict;
    failures.push(verdict.without);
  }
  return { without: leastSure(failures) };
}

/** The first rule that casts the shadow alone, else all that may take part in it. */
function causesOf(
  inquiry: Inquiry,
  { rule, span, stops }: Subject,
  moments: readonly Moment[],
): readonly CompiledRule[] {
  const throughout = stops.filter((stop) => moments.every(({ others }) => others.includes(stop)));
  const alone = throughout.slice(0, SINGLE_CAUSES).find((stop) => {
    const verdict = reach(inquiry, rule, [{ moment: span.fromMs, others: [stop] }]);
    return 'without' in verdict && verdict.without === 'exhaustive';
  });
  return alone ? [alone] : stops.filter((stop) => commonSpan([rule, stop], span.fromMs) !== undefined);
}
