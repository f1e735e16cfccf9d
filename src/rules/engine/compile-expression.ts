import type { JsonValue } from '../../kernel/json.js';
import { fuseConnective, fuseRelation } from './compile-fused.js';
import type { Evaluate, Expression, List, Lookup, Operands, Operation, RuleFunctions } from './expression.js';
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

function compileOperation(operation: Operation, functions: RuleFunctions): Evaluate {
  const { operator, node, isList, args } = operation;
  const fused = compileRelation(operation, functions);
  if (fused) return fused;
  const operands = operandsOf(operation, functions);
  if (operator.stopsAt !== undefined && isList && args.length > 0) {
    return fuseConnective(node, operator.stopsAt, operands.args);
  }
  const evaluate = operator.build(operands);
  return (scope) => {
    // An exception leaves the node as it is marked on entry; so no handler is needed here.
    scope.trace[node] = TraceState.Error;
    const value = evaluate(scope);
    scope.trace[node] = isTruthy(value) ? TraceState.True : TraceState.False;
    return value;
  };
}

const operandsOf = ({ args, isList }: Operation, functions: RuleFunctions): Operands => ({
  args: args.map((argument) => compileExpression(argument, functions)),
  sources: args,
  isList,
  functions,
});

/** A path against a constant in one closure instead of three, with the same answers and the same trace. */
function compileRelation(operation: Operation, functions: RuleFunctions): Evaluate | undefined {
  const { operator, args, isList } = operation;
  const [left, right] = args;
  if (!operator.relation || !isList || args.length !== 2) return undefined;
  if (left?.kind !== 'operation' || right?.kind !== 'literal') return undefined;
  const lookup = lookupOf(left, functions);
  if (!lookup) return undefined;
  return fuseRelation(operation, left, lookup, operator.relation(right.value));
}

/** How an operation reads a path that is known beforehand; undefined for every other one. */
export const lookupOf = (operation: Operation, functions: RuleFunctions): Lookup | undefined =>
  operation.operator.lookup?.(operandsOf(operation, functions));

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
