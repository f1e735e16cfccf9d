import type { JsonValue } from '../../kernel/json.js';
import type { Evaluate, Expression, List, Operation, RuleFunctions } from './expression.js';
import type { Facts } from './facts.js';
import { createScope } from './scope.js';
import { TraceState } from './trace.js';
import { isTruthy } from './values.js';

/** Turns the internal form into closures that note in the trace what became of each node. */
export function compileExpression(expression: Expression, functions: RuleFunctions): Evaluate {
  switch (expression.kind) {
    case 'literal': {
      const { value } = expression;
      return () => value;
    }
    case 'list':
      return compileList(expression, functions);
    case 'operation':
      return compileOperation(expression, functions);
  }
}

function compileList({ items }: List, functions: RuleFunctions): Evaluate {
  const parts = items.map((item) => compileExpression(item, functions));
  return (scope) => parts.map((part) => part(scope));
}

function compileOperation({ operator, args, isList, node }: Operation, functions: RuleFunctions): Evaluate {
  const compiled = args.map((arg) => compileExpression(arg, functions));
  const evaluate = operator.build({ args: compiled, sources: args, isList, functions });
  return (scope) => {
    // An exception leaves the node as it is marked on entry; so no handler is needed here.
    scope.trace[node] = TraceState.Error;
    const value = evaluate(scope);
    scope.trace[node] = isTruthy(value) ? TraceState.True : TraceState.False;
    return value;
  };
}

/** Evaluates once, outside of a decision. @throws EvaluationError. */
export const evaluateOnce = (evaluate: Evaluate, nodeCount: number, data: JsonValue, facts: Facts): JsonValue =>
  evaluate(createScope(data, facts, nodeCount));

/** The operation that an evaluation which threw failed in: the innermost one that was left in error last. */
export function failedOperation(expression: Expression, trace: Uint8Array): Operation | undefined {
  const below = expression.kind === 'operation' ? expression.args : expression.kind === 'list' ? expression.items : [];
  if (expression.kind === 'operation' && trace[expression.node] !== TraceState.Error) return undefined;
  const inner = below.map((part) => failedOperation(part, trace)).findLast((found) => found !== undefined);
  return inner ?? (expression.kind === 'operation' ? expression : undefined);
}
