import { functionsCalledBy } from '../engine/called-functions.js';
import type { RuleFunctions } from '../engine/expression.js';
import type { FunctionDefinition } from '../engine/function-definition.js';
import type { CompiledRule, CompiledRuleSet } from '../engine/rule-set.js';
import { compileFunctions, SandboxedFunctions } from './sandbox/compile-functions.js';

/** Functions as found; the known ones when they are the same, so that what was compiled against them can stay. */
export function sameFunctions(known: RuleFunctions | undefined, found: readonly FunctionDefinition[]): RuleFunctions {
  const isSame = known instanceof SandboxedFunctions && keysOf(known.definitions) === keysOf(found);
  return isSame ? known : compileFunctions(found);
}

/** The compiled rules that stay right when a set gets these functions: all, or those that call none. */
export function reusable(known: CompiledRuleSet, functions: RuleFunctions): ReadonlyMap<string, CompiledRule> {
  if (known.functions === functions) return known.compiled;
  const kept = [...known.compiled].filter(([, { definition }]) => functionsCalledBy(definition).length === 0);
  return new Map(kept);
}

// The whole of them, because a name that was given up may be used anew and begins with version 1 again.
const keysOf = (definitions: readonly FunctionDefinition[]): string =>
  definitions.map((definition) => JSON.stringify(definition)).join();

/** Functions as data, to be compiled in another thread. */
export const definitionsOf = (functions: RuleFunctions): readonly FunctionDefinition[] =>
  functions instanceof SandboxedFunctions ? functions.definitions : [];
