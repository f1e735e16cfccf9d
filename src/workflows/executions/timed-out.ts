import type { ExecutionState } from '../engine/state.js';
import type { Advance } from '../engine/transition.js';

/** The transition of an execution whose steps together ran longer than its workflow allows: it fails, whatever `onError` says. */
export function timedOut(state: ExecutionState, timeoutMs: number): Advance {
  const errorMessage = `The steps ran longer than ${timeoutMs} ms together; raise settings.timeoutMs or make them quicker.`;
  return {
    state: { ...state, status: 'failed', open: [] },
    starts: [],
    passed: [],
    cancelled: state.open,
    ended: { status: 'failed', errorMessage },
  };
}
