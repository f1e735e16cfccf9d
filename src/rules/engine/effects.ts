import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { DecisionOutcome, RegisteredActionType } from './action-types.js';
import { parsePath, readPath } from './paths.js';
import { textOf } from './values.js';

/**
 * `effective`: to be carried out. `overridden`: a rule of higher priority set the same. `blocked`: the failure policy
 * closed the decision.
 */
export type EffectStatus = 'effective' | 'overridden' | 'blocked';

/** What one action of a matched rule produced. */
export interface Effect {
  readonly ruleId: string;
  readonly type: string;
  readonly parameters: JsonObject;
  readonly status: EffectStatus;
  /** Fields of an `update` that a rule of higher priority set, when it set not all of them. */
  readonly overriddenFields?: readonly string[];
  /** Of `adjust_field`: the field's value after this adjustment. */
  readonly result?: JsonValue;
}

/** An action of a matched rule with its parameters computed. */
export interface ResolvedAction {
  readonly ruleId: string;
  readonly actionType: RegisteredActionType;
  readonly parameters: JsonObject;
}

/** The effects of all matched rules together. */
export interface Settlement {
  readonly effects: readonly Effect[];
  /** New value by field path: what effective effects set, then adjusted. */
  readonly changes: JsonObject;
  readonly outcome: DecisionOutcome;
}

/** Digits after the point that adjusted numbers are rounded to, so that sums of decimals show no binary noise. */
export const ADJUSTED_DECIMALS = 6;

/**
 * Settles what several rules want, in order of the rules: the first to set a field or the outcome wins; adjustments
 * add to what is set, or else to the context's value, one after the other, each within its own limits.
 */
export function settleEffects(actions: readonly ResolvedAction[], context: JsonValue): Settlement {
  const settling = new Settling(context);
  const assigned = actions.map((action) => settling.assign(action));
  const effects = assigned.map((effect) => (effect.type === 'adjust_field' ? settling.adjust(effect) : effect));
  return { effects, changes: Object.fromEntries(settling.changes), outcome: settling.outcome ?? 'allow' };
}

class Settling {
  readonly changes = new Map<string, JsonValue>();
  outcome: DecisionOutcome | undefined;

  constructor(private readonly context: JsonValue) {}

  assign({ ruleId, actionType, parameters }: ResolvedAction): Effect {
    const effect: Effect = { ruleId, type: actionType.type, parameters, status: 'effective' };
    if (actionType.type === 'set_outcome') return this.setOutcome(effect);
    if (!actionType.assigns) return effect;
    const fields = Object.entries(actionType.assigns(parameters));
    const lost = fields.map(([path]) => path).filter((path) => this.changes.has(path));
    for (const [path, value] of fields) if (!this.changes.has(path)) this.changes.set(path, value);
    if (lost.length === 0) return effect;
    return lost.length === fields.length ? { ...effect, status: 'overridden' } : { ...effect, overriddenFields: lost };
  }

  adjust(effect: Effect): Effect {
    const path = textOf(effect.parameters.field ?? null);
    const known = this.changes.has(path) ? this.changes.get(path) : readPath(this.context, parsePath(path));
    const base = known ?? 0;
    // Only a rule that set the field to something else can have put it there, and a set field stands.
    if (typeof base !== 'number') return { ...effect, status: 'overridden' };
    const result = adjusted(base, effect.parameters);
    this.changes.set(path, result);
    return { ...effect, result };
  }

  private setOutcome(effect: Effect): Effect {
    if (this.outcome) return { ...effect, status: 'overridden' };
    this.outcome = effect.parameters.outcome as DecisionOutcome;
    return effect;
  }
}

function adjusted(base: number, { by, min, max }: JsonObject): number {
  const lowest = typeof min === 'number' ? min : -Number.MAX_VALUE;
  const highest = typeof max === 'number' ? max : Number.MAX_VALUE;
  return Number(Math.max(lowest, Math.min(highest, base + Number(by))).toFixed(ADJUSTED_DECIMALS)) + 0;
}
