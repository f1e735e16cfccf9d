import { EvaluationError } from '../../engine/evaluation-error.js';
import type { RuleFunction } from '../../engine/expression.js';
import type { FunctionDefinition } from '../../engine/function-definition.js';
import { type CallOutcome, callFunction } from './sandbox.js';

/** Ticks that one call may take, of those that the decision has left. */
export const CALL_TICKS = 10_000_000;

/** Told of each call. */
export type CallListener = (outcome: CallOutcome) => void;

/** Authors' functions by name. They can be called in any thread and block it while they run. */
export class SandboxedFunctions extends Map<string, RuleFunction> {
  constructor(
    readonly definitions: readonly FunctionDefinition[],
    onCall?: CallListener,
  ) {
    super();
    for (const definition of definitions) this.set(definition.name, inSandbox(definition, onCall));
  }
}

/** Makes functions as data into functions that rules can call. Costs nothing until one is called. */
export const compileFunctions = (
  definitions: readonly FunctionDefinition[],
  onCall?: CallListener,
): SandboxedFunctions => new SandboxedFunctions(definitions, onCall);

const notBegun: CallOutcome = {
  ticks: 0,
  failure: { code: 'function-limit', message: 'the functions of this decision have used up its ticks.' },
};

const inSandbox =
  (definition: FunctionDefinition, onCall: CallListener | undefined): RuleFunction =>
  (args, { now, seed }, budget) => {
    const ticks = Math.min(CALL_TICKS, budget.functionTicks);
    const outcome = ticks > 0 ? callFunction(definition, args, { now, seed, ticks }) : notBegun;
    budget.functionTicks -= outcome.ticks;
    onCall?.(outcome);
    if (!('failure' in outcome)) return outcome.result;
    const { code, message } = outcome.failure;
    throw new EvaluationError(code, `The function ${JSON.stringify(definition.name)} failed: ${message}`);
  };
