import type { JsonValue } from '../../kernel/json.js';
import type { Delivered, ExecutionSnapshot } from './execution-snapshot.js';
import type { TransitionChange } from './transition-change.js';

/** What a transition delivers to the step that waits for the execution's end; null when there is none, or no end. */
export function deliveryToParent(
  { id, parentStepRunId }: Pick<ExecutionSnapshot, 'id' | 'parentStepRunId'>,
  { isFinal, status, state, errorMessage }: Pick<TransitionChange, 'isFinal' | 'status' | 'state' | 'errorMessage'>,
): Delivered | null {
  if (parentStepRunId === null || !isFinal) return null;
  if (status === 'completed') return { output: { executionId: id, status, outputs: state.outputs as JsonValue } };
  const reason = errorMessage === null ? '' : `: ${errorMessage}`;
  return { error: { code: 'subworkflow-failed', message: `The execution ${id} ended ${status}${reason}` } };
}
