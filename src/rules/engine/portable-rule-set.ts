import type { JsonObject } from '../../kernel/json.js';
import { createActionRegistry } from './action-types.js';
import type { ActionType } from './action-types.js';
import type { RuleDefinition } from './rule.js';
import { compileRuleSet } from './rule-set.js';
import type { CompiledRuleSet, FailurePolicy } from './rule-set.js';

/** A rule set as plain data, so that another thread can compile and decide it. */
export interface PortableRuleSet {
  readonly rules: readonly RuleDefinition[];
  /** The action types that contexts registered; the engine's own are known everywhere. */
  readonly actionTypes: readonly PortableActionType[];
  readonly failurePolicy: FailurePolicy;
  /** The schema that the rules are indexed by, if contexts are checked against it; see CompileOptions. */
  readonly schema?: JsonObject;
}

/** An action type of another context, which is data but for carrying it out. */
export type PortableActionType = Pick<ActionType, 'type' | 'parametersSchema'>;

/** Compiles a rule set that came from another thread; it decides as the original does. */
export const compilePortable = ({ rules, actionTypes, ...options }: PortableRuleSet): CompiledRuleSet =>
  compileRuleSet(rules, { actionTypes: createActionRegistry(actionTypes), ...options });
