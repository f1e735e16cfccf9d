import type { Operation } from 'rfc6902';
import type { Violation } from '../../../kernel/domain-error.js';
import { canonicalJson } from '../../../kernel/canonical-json.js';
import type { CustomEntryPointSettings } from '../../entry-points/custom-entry-point.js';
import type { AuthoredFunction } from '../../functions/custom-function.js';
import type { PresentFunction } from '../../functions/function-definitions.js';
import { patchBetween } from '../definition-patch.js';
import type { AuthoredRule, Rule } from '../rule.js';

/** What becomes of one part of a bundle. */
export type ImportOutcome = 'created' | 'revised' | 'published' | 'unchanged' | 'refused';

/** One part of a bundle with what is to be done about it. */
export interface ImportItem {
  readonly kind: 'rule' | 'entry-point' | 'function';
  /** Key of the rule, or name of the entry point or function. */
  readonly key: string;
  /** Where it stands in the body. */
  readonly pointer: string;
  readonly outcome: ImportOutcome;
  /** From the present definition, when it is revised. */
  readonly patch?: readonly Operation[];
  /** Why it is refused. */
  readonly errors?: readonly Violation[];
}

/** A rule of a bundle, read and checked. */
export interface CandidateRule {
  readonly key: string;
  readonly entryPoint: string;
  readonly pointer: string;
  readonly definition: AuthoredRule;
  /** Whether it is to be in force afterwards; it stays as it is otherwise. */
  readonly isPublished: boolean;
  /** What speaks against it whatever is there already. */
  readonly errors: readonly Violation[];
}

/** What of a rule that is there already decides what becomes of the bundle's. */
export type PresentRule = Pick<Rule, 'entryPoint' | 'definition' | 'definitionVersion' | 'liveVersion'>;

/** What to do about a rule, given the one of the same key that the organization has. Pure. */
export const planRule = (candidate: CandidateRule, present: PresentRule | undefined): ImportItem => ({
  kind: 'rule',
  key: candidate.key,
  pointer: candidate.pointer,
  ...verdictOn(candidate, present),
});

type Verdict = Pick<ImportItem, 'outcome' | 'patch' | 'errors'>;

function verdictOn(
  { entryPoint, definition, isPublished, pointer, errors }: CandidateRule,
  rule?: PresentRule,
): Verdict {
  if (errors.length > 0) return { outcome: 'refused', errors };
  if (!rule) return { outcome: 'created' };
  if (rule.entryPoint !== entryPoint) {
    const message = `The rule belongs to ${rule.entryPoint}; a rule does not move to another entry point.`;
    return { outcome: 'refused', errors: [{ pointer: `${pointer}/entryPoint`, message }] };
  }
  if (isSame(definition, rule.definition)) {
    const isBehind = isPublished && rule.liveVersion !== rule.definitionVersion;
    return { outcome: isBehind ? 'published' : 'unchanged' };
  }
  return { outcome: 'revised', patch: patchBetween(rule.definition, definition) };
}

/** What to do about an entry point, given what the organization has under its name. Pure. */
export function planEntryPoint(
  place: Pick<ImportItem, 'key' | 'pointer'>,
  settings: CustomEntryPointSettings,
  present: CustomEntryPointSettings | undefined,
): ImportItem {
  const item = { kind: 'entry-point', ...place } as const;
  if (!present) return { ...item, outcome: 'created' };
  if (isSame(settings, present)) return { ...item, outcome: 'unchanged' };
  return { ...item, outcome: 'revised', patch: patchBetween(present, settings) };
}

/** A function of a bundle, read and checked. */
export interface CandidateFunction {
  readonly name: string;
  readonly pointer: string;
  readonly definition: AuthoredFunction;
  /** Whether rules are to call this definition afterwards; a function that is new is live in any case. */
  readonly isPublished: boolean;
  /** What speaks against it whatever is there already. */
  readonly errors: readonly Violation[];
}

/** What to do about a function, given the one of the same name that the organization has. Pure. */
export const planFunction = (candidate: CandidateFunction, present: PresentFunction | undefined): ImportItem => ({
  kind: 'function',
  key: candidate.name,
  pointer: candidate.pointer,
  ...verdictOnFunction(candidate, present),
});

function verdictOnFunction(
  { definition, isPublished, errors }: CandidateFunction,
  present: PresentFunction | undefined,
): Verdict {
  if (errors.length > 0) return { outcome: 'refused', errors };
  if (!present) return { outcome: 'created' };
  if (present.liveDefinition && isSame(definition, present.liveDefinition)) return { outcome: 'unchanged' };
  if (isSame(definition, present.definition)) return { outcome: isPublished ? 'published' : 'unchanged' };
  return { outcome: 'revised', patch: patchBetween(present.definition, definition) };
}

const isSame = (one: object, other: object): boolean => canonicalJson(one) === canonicalJson(other);

/** The answer of an import: how many of each, and all that is not unchanged. */
export interface ImportReport extends Readonly<Record<ImportOutcome, number>> {
  readonly applied: boolean;
  readonly changes: readonly ImportItem[];
}

/** Sums up what is done about the parts of a bundle. */
export function reportOf(items: readonly ImportItem[], applied: boolean): ImportReport {
  const count = (outcome: ImportOutcome): number => items.filter((item) => item.outcome === outcome).length;
  return {
    applied,
    created: count('created'),
    revised: count('revised'),
    published: count('published'),
    unchanged: count('unchanged'),
    refused: count('refused'),
    changes: items.filter(({ outcome }) => outcome !== 'unchanged'),
  };
}
