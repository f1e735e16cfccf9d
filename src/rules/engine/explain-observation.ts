import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { Evaluate, Expression, Operation, RuleFunctions } from './expression.js';
import type { Facts } from './facts.js';
import type { CompiledRule } from './rule-set.js';
import { createScope } from './scope.js';
import { TraceState } from './trace.js';
import { isTruthy } from './values.js';

/** What an operation saw and gave when it was evaluated for the last time. */
export interface ObservedNode {
  /** Absent when it failed. */
  readonly value?: JsonValue;
  /** The value that its paths begin at: the context, or the element of the innermost iterator. */
  readonly data: JsonValue;
  /** Position of `data` in the innermost iterator's list, 0 outside of iterators. */
  readonly index: number;
}

/** A condition that was evaluated once more, with what each of its operations gave. */
export interface Observation {
  readonly states: Uint8Array;
  /** By node; a node that was not reached has no entry. */
  readonly nodes: ReadonlyMap<number, ObservedNode>;
}

/** What a condition is evaluated over. */
export interface ObservedDecision {
  readonly context: JsonObject;
  readonly facts: Facts;
  readonly functions: RuleFunctions;
}

/** Evaluates a rule's condition as deciding does, in one pass, and notes what each operation gave. Never throws. */
export function observe({ expression, nodeCount }: CompiledRule, decision: ObservedDecision): Observation {
  const nodes = new Map<number, ObservedNode>();
  const scope = createScope(decision.context, decision.facts, nodeCount);
  try {
    observing(expression, decision.functions, nodes)(scope);
  } catch {
    // The states say where it failed, and the decision's record says why.
  }
  return { states: scope.trace, nodes };
}

type Nodes = Map<number, ObservedNode>;

function observing(expression: Expression, functions: RuleFunctions, nodes: Nodes): Evaluate {
  switch (expression.kind) {
    case 'literal':
      return () => expression.value;
    case 'list': {
      const parts = expression.items.map((item) => observing(item, functions, nodes));
      return (scope) => parts.map((part) => part(scope));
    }
    case 'operation':
      return observingOperation(expression, functions, nodes);
  }
}

function observingOperation(operation: Operation, functions: RuleFunctions, nodes: Nodes): Evaluate {
  const { node, operator, args: sources, isList } = operation;
  const args = sources.map((source) => observing(source, functions, nodes));
  const evaluate = operator.build({ args, sources, isList, functions });
  return (scope) => {
    scope.trace[node] = TraceState.Error;
    const { data, index } = scope;
    nodes.set(node, { data, index });
    const value = evaluate(scope);
    scope.trace[node] = isTruthy(value) ? TraceState.True : TraceState.False;
    nodes.set(node, { value, data, index });
    return value;
  };
}
