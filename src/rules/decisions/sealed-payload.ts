import { escapeLookalikes } from '../../audit/audit.contract.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { RuleError } from '../engine/decide.js';
import { codesThatQuoteNothing } from '../engine/evaluation-error.js';
import type { RuleAction } from '../engine/rule.js';
import type { HiddenTree } from '../entry-points/hidden-tree.js';
import type { DecisionRecord } from './decision-record.js';
import { type Seal, sealContext } from './sealed-context.js';
import { sealEffects } from './sealed-effects.js';

/** What it takes to seal a record. */
export interface Sealing {
  readonly hidden: HiddenTree;
  /** The actions of a rule as its author wrote them; undefined when the rule is not known. */
  readonly actionsOf: (ruleId: string) => readonly RuleAction[] | undefined;
  readonly seal: Seal;
}

/** A record's payload with what is hidden sealed; `sealed` tells it apart from a plain one, in which nothing is escaped. */
export function sealPayload(payload: JsonObject, record: DecisionRecord, sealing: Sealing): JsonObject {
  const { hidden, actionsOf, seal } = sealing;
  const { context, sealedAt } = sealContext(record.context, hidden, seal);
  const effects = sealEffects(record.effects, { actionsOf, sealedAt, hidden, seal });
  const { context: _context, effects: _effects, errors: _errors, ...others } = payload;
  return {
    ...(escapeLookalikes(others) as JsonObject),
    context,
    effects,
    errors: record.errors.map((error) => sealError(error, seal)),
    sealed: true,
  };
}

/** What functions and owners who refuse an effect say may quote values, and so may what nobody knows to be harmless. */
function sealError(error: RuleError, seal: Seal): JsonValue {
  const mayQuote = error.ruleId === '' || !codesThatQuoteNothing.has(error.code);
  return { ...error, ...(mayQuote && { message: seal(error.message) }) };
}
