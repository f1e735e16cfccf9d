import type { JsonObject } from '../../kernel/json.js';
import { scopesTo } from './run-name.js';
import type { ExecutionState, ScopeState } from './state.js';

/** What templates and conditions are given from a state. */
export type ReadState = Pick<ExecutionState, 'variables' | 'outputs' | 'scopes'>;

/**
 * What templates and conditions read in a scope: `variables`, `steps`, `execution`, and each variable by its bare name;
 * in the body of a for_each the item by its name and `index` as well, and the outputs of the item's own steps.
 */
export const scopeOf = (state: ReadState, executionId: string, scope: string): JsonObject => {
  const items = scopesTo(scope).flatMap((name) => {
    const item = state.scopes[name];
    return item?.outputs ? [item] : [];
  });
  const outputs = items.reduce((outer, item) => ({ ...outer, ...item.outputs }), state.outputs);
  return {
    ...state.variables,
    ...items.reduce((outer, item) => ({ ...outer, ...itemVariables(item) }), {}),
    variables: state.variables,
    steps: outputs,
    execution: { id: executionId },
  };
};

const itemVariables = ({ as = '', item = null, index }: ScopeState): JsonObject => ({ [as]: item, index });
