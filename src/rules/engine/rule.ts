import type { JsonObject, JsonValue } from '../../kernel/json.js';

/** An action as written: `parameters` may hold placeholders, `{{lead.contact.email}}`, in its texts. */
export interface RuleAction {
  readonly type: string;
  readonly parameters: JsonObject;
}

/** One version of a rule, as far as deciding needs it. Exactly one of `condition` and `conditions` is given. */
export interface RuleDefinition {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  /** Higher comes first. */
  readonly priority: number;
  /** ISO 8601; of rules with one priority the older comes first. */
  readonly createdAt: string;
  readonly enabled: boolean;
  /** ISO 8601, inclusive; null or absent: since ever. */
  readonly validFrom?: string | null;
  /** ISO 8601, exclusive; null or absent: for ever. */
  readonly validUntil?: string | null;
  /** Whether rules after this one are left out once it matches. */
  readonly stopOnMatch: boolean;
  /** JSONLogic. */
  readonly condition?: JsonValue;
  /** Field form, see field-conditions.ts. */
  readonly conditions?: JsonValue;
  readonly actions: readonly RuleAction[];
}
