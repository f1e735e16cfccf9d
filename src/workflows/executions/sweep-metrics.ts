import { Counter } from 'prom-client';
import type { Metrics } from '../../platform/metrics/metrics.js';

const reasons = ['due', 'lease-expired'] as const;

/** Why a run was found: its job was lost, or its worker. */
export type SweepReason = (typeof reasons)[number];

/** Figures of the sweeper: many runs that are due mean lost jobs, or too few workers. */
export class SweepMetrics {
  private readonly swept: Counter<'reason'>;

  constructor({ registry }: Pick<Metrics, 'registry'>) {
    this.swept = new Counter({
      name: 'workflow_swept_step_runs_total',
      help: 'Visits of steps that the sweeper found and added a job for',
      labelNames: ['reason'] as const,
      registers: [registry],
    });
    for (const reason of reasons) this.swept.inc({ reason }, 0);
  }

  /** Counts the runs of one look. */
  found(reason: SweepReason, runs: number): void {
    this.swept.inc({ reason }, runs);
  }
}
