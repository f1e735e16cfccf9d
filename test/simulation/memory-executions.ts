import type { DomainEvent } from '../../src/kernel/domain-event.js';
import type { JsonObject } from '../../src/kernel/json.js';
import type { AppliedOutside } from '../../src/workflows/executions/execution-rows.js';
import type { TransitionChange } from '../../src/workflows/executions/transition-change.js';
import type { ExecutionRow, MemoryRows } from './memory-rows.js';
import { tellParent, throughJson, writeExecution, writeRuns } from './memory-transition.js';

/** What an execution is begun with. */
export interface NewExecution {
  readonly organizationId: string;
  readonly id: string;
  readonly workflowId: string;
  readonly definitionVersion: number;
  readonly variables: JsonObject;
  readonly parentStepRunId: string | null;
}

/** Inserts an execution with its first runs. */
export function insertExecution(
  rows: MemoryRows,
  execution: NewExecution,
  change: TransitionChange,
  events: readonly DomainEvent[] = [],
): AppliedOutside {
  const trail = {
    correlationId: execution.id,
    causationId: execution.id,
    depth: 0,
    subjectType: null,
    subjectId: null,
  };
  const row: ExecutionRow = {
    ...execution,
    ...trail,
    version: 0,
    status: change.status,
    state: {},
    activeMs: 0,
    currentStep: null,
    errorMessage: null,
    startedAt: rows.now(),
    completedAt: null,
  };
  rows.executions.set(row.id, row);
  return write(rows, row, change, events);
}

/** Writes a transition that no step brought about; nothing when the execution has moved on since `version`. */
export function updateExecution(
  rows: MemoryRows,
  { executionId, version }: { readonly executionId: string; readonly version: number },
  change: TransitionChange,
  events: readonly DomainEvent[] = [],
): AppliedOutside {
  const execution = rows.executions.get(executionId);
  if (execution?.version !== version) return { isApplied: false, parent: null };
  return write(rows, execution, change, events);
}

function write(
  rows: MemoryRows,
  execution: ExecutionRow,
  change: TransitionChange,
  events: readonly DomainEvent[],
): AppliedOutside {
  const written = throughJson(change);
  writeExecution(rows, execution, written);
  writeRuns(rows, execution, written, '');
  rows.tell(execution, events);
  return { isApplied: true, parent: tellParent(rows, execution, written) };
}
