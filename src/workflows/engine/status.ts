/** Where an execution stands; `waiting` when all that is open waits for a timer or for something from outside. */
export type ExecutionStatus =
  'running' | 'waiting' | 'completed' | 'failed' | 'cancelling' | 'cancelled' | 'compensating' | 'compensated';

/** What each status may become; a failed execution by a retry alone. */
export const STATUS_TRANSITIONS: Readonly<Record<ExecutionStatus, readonly ExecutionStatus[]>> = {
  running: ['waiting', 'completed', 'failed', 'cancelling', 'cancelled', 'compensating', 'compensated'],
  waiting: ['running', 'completed', 'failed', 'cancelling', 'cancelled', 'compensating', 'compensated'],
  cancelling: ['cancelled', 'compensating', 'compensated', 'failed'],
  compensating: ['compensated', 'failed'],
  completed: [],
  failed: ['running', 'waiting', 'compensating', 'cancelling'],
  cancelled: [],
  compensated: [],
};

const FINAL: ReadonlySet<ExecutionStatus> = new Set(['completed', 'failed', 'cancelled', 'compensated']);

/** Whether an execution has ended: nothing but a retry of a failed one makes it go on. */
export const isFinal = (status: ExecutionStatus): boolean => FINAL.has(status);
