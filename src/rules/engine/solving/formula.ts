import type { Evaluate } from '../expression.js';
import type { Path } from '../paths.js';
import type { Uses } from './uses.js';

/** What an expression may come to, as bits, so that a number is a set of outcomes. */
export const Outcome = { True: 1, False: 2, Error: 4 } as const;

/** Nothing is known. */
export const ANY_OUTCOME = Outcome.True | Outcome.False | Outcome.Error;

/** A part of a condition that has no `and`, `or`, `!` or `if` at its top: what it comes to depends on its paths alone. */
export interface Atom {
  readonly paths: readonly Path[];
  /** Absent when only the whole rule can tell: it calls a function or computes the paths that it reads. */
  readonly evaluate?: Evaluate;
  /** Whether it asks what time it is. */
  readonly readsClock: boolean;
  /** How it uses the values at its paths. */
  readonly uses: Uses;
}

/** The logical skeleton of conditions. An error ends the evaluation of everything around it but `matched`. */
export type Formula =
  | { readonly kind: 'constant'; readonly outcome: number }
  | { readonly kind: 'atom'; readonly atom: Atom }
  | { readonly kind: 'all' | 'any' | 'choice'; readonly parts: readonly Formula[] }
  | { readonly kind: 'not'; readonly part: Formula }
  /** Whether the part comes to true; an error counts as no. */
  | { readonly kind: 'matched'; readonly part: Formula };

export const constant = (truth: boolean): Formula => ({
  kind: 'constant',
  outcome: truth ? Outcome.True : Outcome.False,
});

/** The atoms of a formula, left to right. */
export function atomsOf(formula: Formula): readonly Atom[] {
  switch (formula.kind) {
    case 'constant':
      return [];
    case 'atom':
      return [formula.atom];
    case 'not':
    case 'matched':
      return atomsOf(formula.part);
    default:
      return formula.parts.flatMap(atomsOf);
  }
}

/** The outcomes that a formula may come to, given those of its atoms. Left to right with short circuit, as the engine. */
export function possibleOutcomes(formula: Formula, outcomesOf: (atom: Atom) => number): number {
  switch (formula.kind) {
    case 'constant':
      return formula.outcome;
    case 'atom':
      return outcomesOf(formula.atom);
    case 'not':
      return swapTruth(possibleOutcomes(formula.part, outcomesOf));
    case 'matched':
      return errorAsFalse(possibleOutcomes(formula.part, outcomesOf));
    case 'choice':
      return choose(formula.parts, outcomesOf);
    default:
      return inOrder(formula.parts, formula.kind === 'all' ? Outcome.True : Outcome.False, outcomesOf);
  }
}

/** Goes on to the next part while the outcome is `goesOn`; what the last part gives stands. */
function inOrder(parts: readonly Formula[], goesOn: number, outcomesOf: (atom: Atom) => number): number {
  let outcomes = 0;
  for (const part of parts) {
    const possible = possibleOutcomes(part, outcomesOf);
    outcomes |= possible & ~goesOn;
    if ((possible & goesOn) === 0) return outcomes;
  }
  return outcomes | goesOn;
}

/** Condition and answer in turns; without a last answer it is null, which is false. */
function choose(parts: readonly Formula[], outcomesOf: (atom: Atom) => number): number {
  let outcomes = 0;
  let i = 0;
  for (; i + 1 < parts.length; i += 2) {
    const condition = possibleOutcomes(parts[i] as Formula, outcomesOf);
    outcomes |= condition & Outcome.Error;
    if ((condition & Outcome.True) !== 0) outcomes |= possibleOutcomes(parts[i + 1] as Formula, outcomesOf);
    if ((condition & Outcome.False) === 0) return outcomes;
  }
  const last = parts[i];
  return outcomes | (last ? possibleOutcomes(last, outcomesOf) : Outcome.False);
}

const swapTruth = (outcomes: number): number =>
  (outcomes & Outcome.Error) | ((outcomes & Outcome.True) << 1) | ((outcomes & Outcome.False) >> 1);

const errorAsFalse = (outcomes: number): number =>
  (outcomes & ~Outcome.Error) | ((outcomes & Outcome.Error) === 0 ? 0 : Outcome.False);
