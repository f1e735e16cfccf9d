import { Injectable } from '@nestjs/common';
import { Counter, Histogram } from 'prom-client';
import { DomainError } from '../../kernel/domain-error.js';
import { LATENCY_BUCKETS, Metrics } from '../../platform/metrics/metrics.js';

/** What became of leads that came in. */
export type IntakeOutcome = 'created' | 'duplicate' | 'rejected';

/** How many leads come in, and how long one takes. */
@Injectable()
export class LeadMetrics {
  private readonly processed: Counter<'outcome'>;
  private readonly duration: Histogram;

  constructor({ registry }: Metrics) {
    this.processed = new Counter({
      name: 'leads_processed_total',
      help: 'Leads that came in, by what became of them',
      labelNames: ['outcome'] as const,
      registers: [registry],
    });
    this.duration = new Histogram({
      name: 'leads_processing_time_seconds',
      help: 'Time to check and store one lead; imports are not counted',
      buckets: LATENCY_BUCKETS,
      registers: [registry],
    });
  }

  count(outcome: IntakeOutcome, leads: number): void {
    this.processed.inc({ outcome }, leads);
  }

  /** Times the intake of one lead and counts its outcome; a fault of ours counts as none. */
  async measure<R>(intake: () => Promise<R>): Promise<R> {
    const stop = this.duration.startTimer();
    try {
      const answer = await intake();
      this.count('created', 1);
      return answer;
    } catch (error) {
      if (error instanceof DomainError) this.count(error.code === 'duplicate-lead' ? 'duplicate' : 'rejected', 1);
      throw error;
    } finally {
      stop();
    }
  }
}
