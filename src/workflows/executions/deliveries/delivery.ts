import type { Unit } from '../../../audit/audit.contract.js';
import type { Queues } from '../../../platform/queue/queues.js';
import type { Delivered } from '../execution-snapshot.js';
import type { DueRun } from '../execution-store.js';
import { deliveredJob, wakeRuns } from '../step-jobs.js';
import { ALARM_GRACE } from '../statement-rows.js';

/** Something from outside for a waiting step run. */
export interface Delivery {
  readonly stepRunId: string;
  readonly delivered: Delivered;
}

// A run whose timer is being attended to at this very moment can still be delivered to: its worker then finds that its
// transition is refused, and goes by what was delivered.
const DELIVER = `with delivery as (
    select d.id, d.delivered from jsonb_to_recordset(?::jsonb) as d(id uuid, delivered jsonb)
  ),
  open as (
    select run.id from delivery join workflow_step_runs run on run.id = delivery.id
    where run.organization_id = ? and run.status in ('waiting', 'running') and run.delivered is null
    order by run.id for no key update of run
  )
  update workflow_step_runs run set delivered = delivery.delivered, due_at = app_now(),
    alarm_at = app_now() + interval '${ALARM_GRACE}'
  from delivery, open
  where run.organization_id = ? and run.id = delivery.id and run.id = open.id
  returning run.id, run.queue, run.fence`;

/**
 * Delivers to waiting runs, each at most once whoever comes: in the unit's transaction, with a hint to the workers when
 * it is durable. A worker then lets the execution go on.
 * @returns the ids of the runs that it was delivered to; the others are over, or had something delivered before
 */
export async function deliver(
  unit: Unit,
  queues: Queues,
  deliveries: readonly Delivery[],
): Promise<ReadonlySet<string>> {
  if (deliveries.length === 0) return new Set();
  const { organizationId } = unit.actor;
  const rows = deliveries.map(({ stepRunId, delivered }) => ({ id: stepRunId, delivered }));
  const reached = await unit.em.execute<DueRun[]>(DELIVER, [JSON.stringify(rows), organizationId, organizationId]);
  unit.onCommitted(() =>
    wakeRuns(
      queues,
      reached.map((run) => deliveredJob(organizationId, run)),
    ),
  );
  return new Set(reached.map(({ id }) => id));
}
