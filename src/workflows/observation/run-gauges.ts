import type pg from 'pg';
import { Gauge, type Registry } from 'prom-client';

// The alarm is a little later than the due time, and is put off at each look of the sweeper that adds a job.
const COUNTS = `select count(*)::integer as waiting, (count(*) filter (where alarm_at <= (select app_now())))::integer as overdue
  from workflow_step_runs where status = 'waiting'`;

interface Counts {
  readonly waiting: number;
  readonly overdue: number;
}

/** Figures of waiting runs over all organizations, read at each scrape; while the database is away they tell nothing. */
export function defineRunGauges(registry: Registry, sweeper: Pick<pg.Pool, 'query'>): void {
  const overdue = new Gauge({
    name: 'workflow_overdue_step_runs',
    help: 'Visits of steps whose alarm has come and that nobody has taken',
    registers: [registry],
  });
  new Gauge({
    name: 'workflow_waiting_step_runs',
    help: 'Visits of steps that wait for their time, an event, a person or a worker',
    registers: [registry],
    async collect() {
      this.reset();
      overdue.reset();
      const [counts] = await sweeper.query<Counts>(COUNTS).then(
        ({ rows }) => rows,
        () => [],
      );
      if (!counts) return;
      this.set(counts.waiting);
      overdue.set(counts.overdue);
    },
  });
}
