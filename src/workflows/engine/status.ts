/** Where an execution stands; `waiting` when only delays are open. */
export type ExecutionStatus =
  'running' | 'waiting' | 'completed' | 'failed' | 'cancelling' | 'cancelled' | 'compensating' | 'compensated';

/** What each status may become. A status that may become nothing is final. */
export const STATUS_TRANSITIONS: Readonly<Record<ExecutionStatus, readonly ExecutionStatus[]>> = {
  running: ['waiting', 'completed', 'failed', 'cancelling', 'cancelled', 'compensating'],
  waiting: ['running', 'completed', 'failed', 'cancelling', 'cancelled', 'compensating'],
  cancelling: ['cancelled', 'compensating'],
  compensating: ['compensated', 'failed'],
  completed: [],
  failed: [],
  cancelled: [],
  compensated: [],
};

/** Whether nothing more can happen to an execution. */
export const isFinal = (status: ExecutionStatus): boolean => STATUS_TRANSITIONS[status].length === 0;
