import type { JsonObject } from '../../kernel/json.js';
import type { PortableRuleSet } from '../engine/portable-rule-set.js';

/** What a thread gets to look for conflicts in. */
export interface ConflictAssignment {
  readonly ruleSet: PortableRuleSet;
  /** JSON Schema of the entry point's context. */
  readonly schema: JsonObject;
  /** ISO 8601; what was in force only before does not count. */
  readonly from: string;
}
