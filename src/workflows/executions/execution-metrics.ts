import { Counter, Histogram } from 'prom-client';
import { LATENCY_BUCKETS, type Metrics } from '../../platform/metrics/metrics.js';
import type { WorkflowDefinition } from '../engine/definition.js';
import type { Advance } from '../engine/outcome.js';

/** A label must not have endless values: workflows after so many are counted together. */
const MAX_LABELS = 1_000;

/** Figures of running executions. */
export class ExecutionMetrics {
  private readonly names = new Set<string>();
  private readonly executions: Counter<'workflow' | 'status'>;
  private readonly executionTime: Histogram<'workflow'>;
  private readonly stepLatency: Histogram;

  constructor({ registry }: Pick<Metrics, 'registry'>) {
    this.executions = new Counter({
      name: 'workflows_executions_total',
      help: 'Executions that came to an end',
      labelNames: ['workflow', 'status'] as const,
      registers: [registry],
    });
    this.executionTime = new Histogram({
      name: 'workflows_execution_time_seconds',
      help: 'Time that the steps of an ended execution ran, waiting not counted',
      labelNames: ['workflow'] as const,
      buckets: LATENCY_BUCKETS,
      registers: [registry],
    });
    this.stepLatency = new Histogram({
      name: 'workflow_step_latency_seconds',
      help: 'Time that a step ran, from being taken to its end',
      buckets: LATENCY_BUCKETS,
      registers: [registry],
    });
  }

  /** Counts one stored transition: its step ran `activeMs`, those before it `before`, in milliseconds. */
  transition(
    { definition, activeMs }: { readonly definition: WorkflowDefinition; readonly activeMs: number },
    { ended }: Advance,
    before: number,
  ): void {
    this.stepLatency.observe(activeMs / 1000);
    if (!ended) return;
    const workflow = this.labelOf(definition.name);
    this.executions.inc({ workflow, status: ended.status });
    this.executionTime.observe({ workflow }, (before + activeMs) / 1000);
  }

  private labelOf(name: string): string {
    if (this.names.size < MAX_LABELS) this.names.add(name);
    return this.names.has(name) ? name : 'other';
  }
}
