import type { JsonValue } from '../../kernel/json.js';
import type { Evaluate, Lookup, Operation } from './expression.js';
import { contextPathOf } from './context-path.js';
import { directMember, isDirect } from './paths.js';
import { TraceState } from './trace.js';
import { isTruthy } from './values.js';

// The commonest conditions in one closure each. Every call of a closure that is known only at run time costs about as
// much as what the closure does, so these are worth it; answers and traces are those of the general way.

type Holds = (value: JsonValue) => boolean;

const stateOf = (value: JsonValue): TraceState => (isTruthy(value) ? TraceState.True : TraceState.False);

/** `and` and `or`: the first value whose truth is `wanted`, else the last one. */
export function fuseConnective(node: number, wanted: boolean, parts: readonly Evaluate[]): Evaluate {
  return (scope) => {
    scope.trace[node] = TraceState.Error;
    let value: JsonValue = null;
    for (let i = 0; i < parts.length; i++) {
      value = (parts[i] as Evaluate)(scope);
      if (isTruthy(value) === wanted) break;
    }
    scope.trace[node] = stateOf(value);
    return value;
  };
}

/** A path against a constant. */
export function fuseRelation({ node }: Operation, left: Operation, lookup: Lookup, holds: Holds): Evaluate {
  const path = contextPathOf(left);
  const [first, second] = path ?? [];
  if (!path || !isDirect(path) || path.length !== 2 || first === undefined || second === undefined) {
    return relation(node, left.node, lookup, holds);
  }
  const { otherwise } = lookup;
  const leftNode = left.node;
  return (scope) => {
    const { trace } = scope;
    trace[node] = TraceState.Error;
    trace[leftNode] = TraceState.Error;
    const found = directMember(directMember(scope.data, first), second);
    const value = found === undefined ? otherwise(scope) : found;
    trace[leftNode] = stateOf(value);
    const isHolding = holds(value);
    trace[node] = isHolding ? TraceState.True : TraceState.False;
    return isHolding;
  };
}

function relation(node: number, leftNode: number, { find, otherwise }: Lookup, holds: Holds): Evaluate {
  return (scope) => {
    const { trace } = scope;
    trace[node] = TraceState.Error;
    trace[leftNode] = TraceState.Error;
    const found = find(scope);
    const value = found === undefined ? otherwise(scope) : found;
    trace[leftNode] = stateOf(value);
    const isHolding = holds(value);
    trace[node] = isHolding ? TraceState.True : TraceState.False;
    return isHolding;
  };
}
