import { newId } from '../../src/kernel/id.js';
import { describeStepStore } from '../support/step-store-contract.js';
import type { StoreScene } from '../support/store-scene.js';
import { deliver } from './memory-deliveries.js';
import { insertExecution, updateExecution } from './memory-executions.js';
import { MemoryRows } from './memory-rows.js';
import { MemoryStore } from './memory-store.js';
import { MemorySweptRuns } from './memory-swept-runs.js';
import { LEASE_MS } from './memory-transition.js';

const openScene = (): StoreScene => {
  let clock = Date.UTC(2026, 0, 1);
  const rows = new MemoryRows(() => clock);
  const organizationId = newId();
  const options = { defaultBound: 100, elapsedMs: () => clock };
  return {
    organizationId,
    here: new MemoryStore(rows, { worker: 'here', ...options }),
    there: new MemoryStore(rows, { worker: 'there', ...options }),
    swept: new MemorySweptRuns(rows),
    workflow: async (maxConcurrent) => {
      const id = newId();
      rows.bounds.set(id, maxConcurrent ?? null);
      return id;
    },
    start: async (workflowId, change, parentStepRunId) => {
      const id = newId();
      const execution = {
        organizationId,
        id,
        workflowId,
        definitionVersion: 1,
        variables: {},
        parentStepRunId: parentStepRunId ?? null,
      };
      insertExecution(rows, execution, change);
      return id;
    },
    change: async (executionId, version, change) => updateExecution(rows, { executionId, version }, change),
    deliver: async (stepRunId, delivered) => deliver(rows, stepRunId, delivered) !== undefined,
    task: async (stepRunId) => rows.tasks.get(stepRunId),
    pass: async (milliseconds) => {
      rows.shiftMs += milliseconds;
    },
    endLeases: async () => {
      clock += LEASE_MS + 1;
      rows.shiftMs -= LEASE_MS + 1;
    },
    runs: async (executionId) =>
      rows.runsOf(executionId).map((run) => ({
        ...run,
        isStarted: run.startedAt !== null,
        isEnded: run.endedAt !== null,
        hasLease: run.leaseUntil !== null,
      })),
    execution: async (executionId) => {
      const execution = rows.executions.get(executionId)!;
      const events = rows.events.filter((event) => event.executionId === executionId);
      return {
        ...execution,
        isCompleted: execution.completedAt !== null,
        events: events.map(({ type }) => type.replace('workflows.', '')),
      };
    },
  };
};

describeStepStore('in memory', async () => ({ scene: openScene(), close: async () => undefined }));
