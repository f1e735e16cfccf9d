import type { JsonValue } from '../../../kernel/json.js';
import type { ConflictWitness, ContradictedField } from '../conflict-report.js';
import type { CompiledRule } from '../rule-set.js';
import { createScope } from '../scope.js';
import { isSame } from '../values.js';
import { assignedIn } from './assignments.js';
import { wholeFacts } from './fact-document.js';
import type { Inquiry, Verdict } from './inquiry.js';
import type { Exhaustiveness } from './search.js';
import { leastSure } from './inquiry.js';
import { isInForce, momentsIn } from './moments.js';
import type { Span } from './moments.js';

/** Two rules that may set the same fields to different values, in the order in which they are decided. */
export interface Pair {
  readonly winner: CompiledRule;
  readonly other: CompiledRule;
  /** Fields that both set, not plainly to the same value. */
  readonly fields: readonly string[];
  /** When both are in force. */
  readonly span: Span;
  /** Rules that stop before the second of them. */
  readonly stops: readonly CompiledRule[];
}

/** Asks of two rules whether they can both match and contradict each other, until each field is answered. */
export function inquirePair(inquiry: Inquiry, pair: Pair): void {
  let open = pair.fields;
  while (open.length > 0) {
    const verdict = contradiction(inquiry, pair, open);
    if ('without' in verdict) {
      if (verdict.without !== 'exhaustive') {
        inquiry.leaveOpen('contradiction', [pair.winner, pair.other], verdict.without);
      }
      return;
    }
    const fields = contradictedFields(pair, verdict.witness, open);
    report(inquiry, pair, fields, verdict.witness);
    open = open.filter((field) => !fields.some((found) => found.field === field));
  }
}

function contradiction(inquiry: Inquiry, pair: Pair, open: readonly string[]): Verdict {
  const { winner, other, span, stops } = pair;
  const both = [inquiry.matched(winner), inquiry.matched(other)];
  const isShown = (witness: ConflictWitness): boolean =>
    inquiry.isMatch(winner, witness) &&
    inquiry.isMatch(other, witness) &&
    contradictedFields(pair, witness, open).length > 0;
  const first = inquiry.ask(both, span.fromMs, isShown);
  const isReached = (witness: ConflictWitness): boolean =>
    !stops.some((stop) => isInForce(stop, Date.parse(witness.facts.now)) && inquiry.isMatch(stop, witness));
  if ('witness' in first ? isReached(first.witness) : first.without === 'exhaustive') return first;
  const failures: Exhaustiveness[] = [];
  for (const { moment, others } of momentsIn(span, stops)) {
    const parts = [...both, ...others.map((stop) => inquiry.unmatched(stop))];
    const verdict = inquiry.ask(parts, moment, (witness) => isShown(witness) && isReached(witness));
    if ('witness' in verdict) return verdict;
    failures.push(verdict.without);
  }
  return { without: leastSure(failures) };
}

function contradictedFields(
  { winner, other }: Pair,
  { context, facts }: ConflictWitness,
  fields: readonly string[],
): readonly ContradictedField[] {
  const scope = createScope(context, wholeFacts(facts), 0);
  const [first, second] = [assignedIn(winner, scope), assignedIn(other, scope)];
  return fields.flatMap((field) => {
    const values: readonly [JsonValue, JsonValue] = [first.get(field) ?? null, second.get(field) ?? null];
    return isSame(...values) ? [] : [{ field, values }];
  });
}

function report(
  inquiry: Inquiry,
  { winner, other }: Pair,
  fields: readonly ContradictedField[],
  witness: ConflictWitness,
): void {
  const names = fields.map(({ field }) => field).join(', ');
  inquiry.conflicts.push({
    kind: 'contradiction',
    ruleIds: [winner.definition.id, other.definition.id],
    fields,
    witness,
    message: `"${winner.definition.name}" and "${other.definition.name}" can both match and set ${names} differently; the former wins.`,
  });
}
