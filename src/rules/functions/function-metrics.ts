import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Metrics } from '../../platform/metrics/metrics.js';

/** How often functions are called, what becomes of it, and how much waits for their thread. */
@Injectable()
export class FunctionMetrics {
  private readonly calls: Counter<'outcome'>;

  constructor(private readonly metrics: Metrics) {
    this.calls = new Counter({
      name: 'rule_function_calls_total',
      help: 'Calls of functions by rules and by tests, by outcome: succeeded or the code of the failure',
      labelNames: ['outcome'] as const,
      registers: [metrics.registry],
    });
  }

  /** Adds calls by outcome. */
  called(calls: Readonly<Record<string, number>>): void {
    for (const [outcome, count] of Object.entries(calls)) this.calls.inc({ outcome }, count);
  }

  /** Shows at each scrape how many tasks wait or run. */
  showQueue(length: () => number): void {
    new Gauge({
      name: 'rule_function_queue_length',
      help: 'Decisions and tests that wait for the thread of functions or run in it',
      registers: [this.metrics.registry],
      collect() {
        this.set(length());
      },
    });
  }
}
