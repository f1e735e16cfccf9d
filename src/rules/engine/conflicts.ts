import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { ConflictReport } from './conflict-report.js';
import type { CompiledRule } from './rule-set.js';
import { writtenAssignments } from './solving/assignments.js';
import { Inquiry } from './solving/inquiry.js';
import { commonSpan } from './solving/moments.js';
import { inquirePair } from './solving/pair-inquiries.js';
import { inquireRule } from './solving/rule-inquiries.js';
import { isSame } from './values.js';

export type { Conflict, ConflictKind, ConflictReport, UndecidedQuestion } from './conflict-report.js';

/** What conflicts are sought in, and how long. */
export interface ConflictSearch {
  /** JSON Schema (draft 2020-12) of the entry point. */
  readonly schema: JsonObject;
  /** The compiled check of that schema. */
  readonly isValid: (context: JsonObject) => boolean;
  /** ISO 8601; what was in force only before does not count. */
  readonly from: string;
  /** Most work in all, in evaluations of a comparison; a count, so that the answer is the same everywhere. */
  readonly work?: number;
  /** Most conflicts, and most open questions. */
  readonly findings?: number;
}

const WORK = 8_000_000;
const FINDINGS = 1_000;

/**
 * What is hardly meant among the rules of one entry point, given in the order in which they are decided: conditions
 * that never or always hold, rules that are never reached, and pairs that contradict each other. Pure.
 */
export function findConflicts(
  rules: readonly CompiledRule[],
  { work = WORK, findings = FINDINGS, ...question }: ConflictSearch,
): ConflictReport {
  const inquiry = new Inquiry({ ...question, work, findings });
  const inForce = rules.filter((rule) => rule.definition.enabled && commonSpan([rule], inquiry.fromMs));
  const isDone = inquireRules(inquiry, inForce) && inquirePairs(inquiry, inForce);
  return { conflicts: inquiry.conflicts, undecided: inquiry.undecided, isComplete: isDone && !inquiry.isAtLimit };
}

/** A rule that could not be compiled fails always, which is no fault of its condition. */
const isCompiled = ({ actions, definition }: CompiledRule): boolean => actions.length === definition.actions.length;

/** Whether all of them were asked about. */
function inquireRules(inquiry: Inquiry, rules: readonly CompiledRule[]): boolean {
  const stops: CompiledRule[] = [];
  for (const rule of rules) {
    if (inquiry.isAtLimit) return false;
    const span = commonSpan([rule], inquiry.fromMs);
    if (!isCompiled(rule)) {
      const message = 'Not decided: the rule cannot be compiled, so it fails in every decision.';
      inquiry.undecided.push({ kind: 'never-holds', ruleIds: [rule.definition.id], message });
    } else if (span) {
      inquireRule(inquiry, { rule, span, stops: stops.filter((stop) => commonSpan([rule, stop], span.fromMs)) });
    }
    if (rule.definition.stopOnMatch) stops.push(rule);
  }
  return true;
}

/** Pairs are looked for field by field, so rules that set nothing in common cost nothing. */
function inquirePairs(inquiry: Inquiry, rules: readonly CompiledRule[]): boolean {
  const written = new Map(rules.map((rule) => [rule, writtenAssignments(rule)]));
  const setters = new Map<string, number[]>();
  for (const [position, rule] of rules.entries()) {
    const fields = [...(written.get(rule)?.keys() ?? [])];
    const earlier = new Set(fields.flatMap((field) => setters.get(field) ?? []));
    for (const other of [...earlier].sort((a, b) => a - b)) {
      if (inquiry.isAtLimit) return false;
      askPair(inquiry, rules, [other, position], written);
    }
    for (const field of fields) setters.set(field, [...(setters.get(field) ?? []), position]);
  }
  return true;
}

function askPair(
  inquiry: Inquiry,
  rules: readonly CompiledRule[],
  [first, second]: readonly [number, number],
  written: ReadonlyMap<CompiledRule, ReadonlyMap<string, JsonValue | undefined>>,
): void {
  const [winner, other] = [rules[first] as CompiledRule, rules[second] as CompiledRule];
  const span = commonSpan([winner, other], inquiry.fromMs);
  if (!span || winner.definition.stopOnMatch) return;
  const [mine, others] = [written.get(winner), written.get(other)];
  const fields = [...(mine?.keys() ?? [])].filter(
    (field) => others?.has(field) && !isPlainlySame(mine?.get(field), others.get(field)),
  );
  if (fields.length === 0) return;
  const stops = rules.slice(0, second).filter((rule) => rule.definition.stopOnMatch && commonSpan([rule], span.fromMs));
  inquirePair(inquiry, { winner, other, fields, span, stops });
}

const isPlainlySame = (a: JsonValue | undefined, b: JsonValue | undefined): boolean =>
  a !== undefined && b !== undefined && isSame(a, b);
