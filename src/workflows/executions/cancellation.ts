import { advance } from '../engine/advance.js';
import type { WorkflowDefinition } from '../engine/definition.js';
import type { ExecutionState, StepRunKey } from '../engine/state.js';
import type { Advance, Environment } from '../engine/transition.js';
import { isSame } from './execution-events.js';

const UNTAKEN = { code: 'cancelled', message: 'The execution was cancelled before the step ran.', retryable: false };

/**
 * The transition of a cancellation: delays end at once, and so do steps that no worker has taken yet; the others end
 * first. The whole is cancelled with the last of them.
 */
export function cancellation(
  definition: WorkflowDefinition,
  state: ExecutionState,
  untaken: readonly StepRunKey[],
  environment: Environment,
): Advance {
  const requested = advance(definition, state, { kind: 'cancel-requested' }, environment);
  const waiting = requested.state.open.filter((run) => untaken.some((key) => isSame(run, key)));
  return waiting.reduce<Advance>((before, run) => {
    const outcome = { kind: 'step-failed', ...run, error: UNTAKEN } as const;
    const after = advance(definition, before.state, outcome, environment);
    return { ...after, cancelled: [...before.cancelled, run] };
  }, requested);
}
