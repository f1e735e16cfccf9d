import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { Facts } from './facts.js';
import type { CompiledRule } from './rule-set.js';

/** A rule that did not match, and all that it saw. */
export interface CounterfactualQuestion {
  readonly rule: CompiledRule;
  /** The context as it was; it is not changed. */
  readonly context: JsonObject;
  /** The facts stay as they are: nobody can become another user to please a rule. */
  readonly facts: Facts;
  /** JSON Schema (draft 2020-12) of the entry point; values to try are taken from it. */
  readonly schema: JsonObject;
  /** The compiled check of that schema, which has the last word. */
  readonly isValid: (context: JsonObject) => boolean;
}

/** One value that would have to be another. Without `from` there was none, without `to` there must be none. */
export interface ValueChange {
  /** Dotted path, `company.size`; an object that had to be added or left out is one change. */
  readonly path: string;
  readonly from?: JsonValue;
  readonly to?: JsonValue;
}

/**
 * The fewest changes that make a rule match, confirmed by the engine and valid by the schema; or why there are none:
 * `impossible` when no valid context can make the rule match under these facts, `undecided` when that is not known.
 */
export type Counterfactual =
  | { readonly found: true; readonly changes: readonly ValueChange[] }
  | { readonly found: false; readonly reason: 'impossible' | 'undecided'; readonly message: string };
