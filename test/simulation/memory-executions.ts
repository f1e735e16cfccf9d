import type { JsonObject } from '../../src/kernel/json.js';
import type { DomainEvent } from '../../src/kernel/domain-event.js';
import type { TransitionChange } from '../../src/workflows/executions/transition-change.js';
import type { MemoryRows } from './memory-rows.js';
import { throughJson, writeExecution, writeRuns } from './memory-transition.js';

/** What an execution is begun with. */
export interface NewExecution {
  readonly organizationId: string;
  readonly id: string;
  readonly workflowId: string;
  readonly definitionVersion: number;
  readonly variables: JsonObject;
}

/** Inserts an execution with its first runs. */
export function insertExecution(
  rows: MemoryRows,
  execution: NewExecution,
  change: TransitionChange,
  events: readonly DomainEvent[] = [],
): void {
  const trail = {
    correlationId: execution.id,
    causationId: execution.id,
    depth: 0,
    subjectType: null,
    subjectId: null,
  };
  const written = throughJson(change);
  const row = {
    ...execution,
    ...trail,
    version: 0,
    status: written.status,
    state: { outputs: {}, open: [], visits: {} },
    activeMs: 0,
    currentStep: null,
    errorMessage: null,
    startedAt: rows.now(),
    completedAt: null,
  };
  rows.executions.set(row.id, row);
  writeExecution(rows, row, written);
  writeRuns(rows, row, written, '');
  tell(rows, row.id, events);
}

/** Writes a transition that no step brought about; nothing when the execution has moved on since `version`. */
export function updateExecution(
  rows: MemoryRows,
  { executionId, version }: { readonly executionId: string; readonly version: number },
  change: TransitionChange,
  events: readonly DomainEvent[] = [],
): void {
  const execution = rows.executions.get(executionId);
  if (execution?.version !== version) return;
  const written = throughJson(change);
  writeExecution(rows, execution, written);
  writeRuns(rows, execution, written, '');
  tell(rows, executionId, events);
}

function tell(rows: MemoryRows, executionId: string, events: readonly DomainEvent[]): void {
  const { version } = rows.executions.get(executionId)!;
  for (const event of events) rows.events.push({ ...event, executionId, streamVersion: version });
}
