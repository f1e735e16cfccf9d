import type { JsonObject } from '../../kernel/json.js';
import { createActionRegistry } from './action-types.js';
import type { ActionType } from './action-types.js';
import type { RuleFunctions } from './expression.js';
import type { FunctionDefinition } from './function-definition.js';
import type { RuleDefinition } from './rule.js';
import { compileRuleSet } from './rule-set.js';
import type { CompiledRuleSet, CompileOptions, FailurePolicy } from './rule-set.js';

/** A rule set as plain data, so that another thread or process can compile and decide it. */
export interface PortableRuleSet {
  readonly rules: readonly RuleDefinition[];
  /** The action types that contexts registered; the engine's own are known everywhere. */
  readonly actionTypes: readonly PortableActionType[];
  readonly failurePolicy: FailurePolicy;
  /** The schema that the rules are indexed by, if contexts are checked against it; see CompileOptions. */
  readonly schema?: JsonObject;
  /** The functions that its rules may call. */
  readonly functions: readonly FunctionDefinition[];
}

/** An action type of another context, which is data but for carrying it out. */
export type PortableActionType = Pick<ActionType, 'type' | 'parametersSchema'>;

/** Makes functions as data into functions that can be called: `compileFunctions` of the sandbox. */
export type CompileFunctions = (definitions: readonly FunctionDefinition[]) => RuleFunctions;

/** What the rules of a set that came from elsewhere are compiled against. */
export const portableOptions = (
  { rules: _, actionTypes, functions, ...options }: PortableRuleSet,
  compileFunctions: CompileFunctions,
): CompileOptions & Pick<PortableRuleSet, 'failurePolicy'> => ({
  actionTypes: createActionRegistry(actionTypes),
  functions: compileFunctions(functions),
  ...options,
});

/** Compiles a rule set that came from elsewhere; it decides as the original does. */
export const compilePortable = (ruleSet: PortableRuleSet, compileFunctions: CompileFunctions): CompiledRuleSet =>
  compileRuleSet(ruleSet.rules, portableOptions(ruleSet, compileFunctions));
