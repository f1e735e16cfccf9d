import type { JsonObject } from '../../../kernel/json.js';
import type { Conflict, ConflictKind, ConflictWitness, UndecidedQuestion } from '../conflict-report.js';
import type { CompiledRule } from '../rule-set.js';
import type { World } from './domain.js';
import { factWorld, wholeFacts, witnessOf } from './fact-document.js';
import type { Formula } from './formula.js';
import { matchFormula } from './match-formula.js';
import { isMatch } from './rule-match.js';
import { Search } from './search.js';
import type { Exhaustiveness } from './search.js';

/** What conflicts are sought in. */
export interface ConflictQuestion {
  /** JSON Schema (draft 2020-12) of the entry point. */
  readonly schema: JsonObject;
  /** The compiled check of that schema. */
  readonly isValid: (context: JsonObject) => boolean;
  /** ISO 8601; what was in force only before does not count. */
  readonly from: string;
  /** Most work in all, in evaluations of a comparison. */
  readonly work: number;
  /** Most findings, in conflicts and in open questions each. */
  readonly findings: number;
}

/** What a question came to: a witness, or how sure it is that there is none. */
export type Verdict = { readonly witness: ConflictWitness } | { readonly without: Exhaustiveness };

/** Most work for one question, so that a hard one leaves something for the others. */
const QUESTION_WORK = 50_000;

/** Asks questions about rules, and writes down what is found within the limits of work and findings. */
export class Inquiry {
  readonly conflicts: Conflict[] = [];
  readonly undecided: UndecidedQuestion[] = [];
  readonly fromMs: number;
  private work: number;
  private readonly formulas = new Map<CompiledRule, Formula>();
  private readonly worlds = new Map<number, World>();

  constructor(private readonly question: ConflictQuestion) {
    this.work = question.work;
    this.fromMs = Date.parse(question.from);
  }

  /** Whether a limit was reached, so that nothing more is asked. */
  get isAtLimit(): boolean {
    const most = Math.max(this.conflicts.length, this.undecided.length);
    return this.work <= 0 || most >= this.question.findings;
  }

  /** Whether the rule matches, as a question. */
  matched(rule: CompiledRule): Formula {
    const known = this.formulas.get(rule);
    if (known) return known;
    const formula: Formula = { kind: 'matched', part: matchFormula(rule) };
    this.formulas.set(rule, formula);
    return formula;
  }

  unmatched(rule: CompiledRule): Formula {
    return { kind: 'not', part: this.matched(rule) };
  }

  /** Looks for a witness at a moment; the engine's own word on it is asked as well. */
  ask(parts: readonly Formula[], moment: number, confirm: (witness: ConflictWitness) => boolean): Verdict {
    const world = this.worldAt(moment);
    const now = new Date(moment).toISOString();
    const granted = Math.min(QUESTION_WORK, this.work);
    const budget = { left: granted };
    const isConfirmed = (document: JsonObject): boolean => world.isValid(document) && confirm(witnessOf(document, now));
    const search = new Search({ formula: { kind: 'all', parts }, world, budget, confirm: isConfirmed });
    const document = search.findAny();
    this.work -= granted - budget.left;
    return document ? { witness: witnessOf(document, now) } : { without: search.exhaustiveness };
  }

  /** Writes down that a question stays open, unless it is for want of work at all, which the report tells as a whole. */
  leaveOpen(kind: ConflictKind, rules: readonly CompiledRule[], without: Exhaustiveness): void {
    if (this.work <= 0) return;
    const ruleIds = rules.map(({ definition }) => definition.id);
    this.undecided.push({ kind, ruleIds, message: `Not decided: ${openReason(without)}.` });
  }

  /** Whether the engine says that a rule matches. */
  isMatch(rule: CompiledRule, { context, facts }: ConflictWitness): boolean {
    this.work -= 1;
    return isMatch(rule, context, wholeFacts(facts));
  }

  private worldAt(moment: number): World {
    const known = this.worlds.get(moment);
    if (known) return known;
    const world = factWorld(this.question.schema, this.question.isValid, new Date(moment).toISOString());
    this.worlds.set(moment, world);
    return world;
  }
}

/** Of several ways not to find something the least sure one. */
export function leastSure(all: readonly Exhaustiveness[]): Exhaustiveness {
  if (all.includes('out-of-work')) return 'out-of-work';
  return all.includes('not-understood') ? 'not-understood' : 'exhaustive';
}

/** Why a question stays open. */
const openReason = (without: Exhaustiveness): string =>
  without === 'out-of-work'
    ? 'there are too many combinations of values'
    : 'the conditions hold parts that cannot be solved for, and no values were found by trying';
