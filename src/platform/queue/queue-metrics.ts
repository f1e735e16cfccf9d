import { Gauge, type Registry } from 'prom-client';
import { queueNames, type Queues } from './queues.js';

/** Figures of the queues, read at each scrape; while the queue's server is away they tell nothing. */
export function defineQueueMetrics(registry: Registry, queues: Queues): void {
  const oldestDue = new Gauge({
    name: 'queue_oldest_due_seconds',
    help: 'How long the oldest job that is due has waited, over all queues',
    registers: [registry],
  });
  new Gauge({
    name: 'queue_jobs',
    help: 'Jobs by queue and state',
    labelNames: ['queue', 'state'] as const,
    registers: [registry],
    async collect() {
      this.reset();
      const states = await Promise.all(queueNames.map((name) => queues.state(name))).catch(() => []);
      for (const [index, { counts }] of states.entries()) {
        for (const [state, count] of Object.entries(counts)) this.set({ queue: queueNames[index]!, state }, count);
      }
      const ages = states.map(({ oldestDueAt }) => (oldestDueAt ? Date.now() - oldestDueAt.getTime() : 0));
      oldestDue.set(Math.max(0, ...ages) / 1000);
    },
  });
}
