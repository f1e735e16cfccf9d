import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { Facts } from './facts.js';

/** A context and the facts beside it for which the engine itself shows what is claimed. */
export interface ConflictWitness {
  readonly context: JsonObject;
  readonly facts: Pick<Facts, 'now' | 'user' | 'entity' | 'entityId'>;
}

/** A field that two rules set to different values; `$outcome` is the outcome of the decision. */
export interface ContradictedField {
  readonly field: string;
  /** What the winner sets, and what the other one would. */
  readonly values: readonly [JsonValue, JsonValue];
}

/**
 * `never-holds`: no valid context makes the rule match. `always-holds`: every one does. `shadowed`: whenever it would
 * match, rules before it that stop have matched. `contradiction`: two rules can both match and differ.
 */
export type ConflictKind = 'never-holds' | 'always-holds' | 'shadowed' | 'contradiction';

/** Something that is hardly meant. */
export interface Conflict {
  readonly kind: ConflictKind;
  /** The rule; of a contradiction both, the winner first. */
  readonly ruleIds: readonly string[];
  /** Of a shadowed rule: the rules that stop before it. */
  readonly shadowedBy?: readonly string[];
  /** Of a contradiction. */
  readonly fields?: readonly ContradictedField[];
  /** Absent only where the claim is that there is no such context. */
  readonly witness?: ConflictWitness;
  readonly message: string;
}

/** A question that stayed open. */
export interface UndecidedQuestion {
  readonly kind: ConflictKind;
  readonly ruleIds: readonly string[];
  readonly message: string;
}

/** What was found among rules, and what was not. */
export interface ConflictReport {
  readonly conflicts: readonly Conflict[];
  readonly undecided: readonly UndecidedQuestion[];
  /** Whether every question was asked; false when the work or the findings reached their limit before. */
  readonly isComplete: boolean;
}
