import type { EntityManager } from '@mikro-orm/postgresql';
import type { Workflow } from '../definitions/workflow.js';
import type { ScheduleTrigger } from '../engine/definition.js';
import { readNow } from '../executions/execution-rows.js';
import { nextFiring } from './cron.js';
import type { KeptSchedule } from './due-firings.js';

/** What a schedule that names no zone or policy has. */
const scheduleOf = ({ cron, timeZone = 'UTC', missed = 'once' }: ScheduleTrigger): KeptSchedule => ({
  cron,
  timeZone,
  missed,
});

interface StoredSchedule {
  readonly cron: string;
  readonly timeZone: string;
  readonly nextAt: string | null;
}

/**
 * Keeps the schedule of a workflow in step with its newest version; to be called in the transaction that saves, disables
 * or archives it. A firing that is due already stays due, unless expression or zone have changed or nothing ran before.
 */
export async function keepSchedule(em: EntityManager, workflow: Workflow): Promise<void> {
  const { organizationId, id, definition, isEnabled, archivedAt } = workflow;
  if (definition.trigger.type !== 'schedule' || archivedAt !== null) {
    await em.execute('delete from workflow_schedules where organization_id = ? and workflow_id = ?', [
      organizationId,
      id,
    ]);
    return;
  }
  const schedule = scheduleOf(definition.trigger);
  const nextAt = isEnabled ? await firstLook(em, workflow, schedule) : undefined;
  await em.execute(
    `insert into workflow_schedules (organization_id, workflow_id, cron, time_zone, missed, next_at)
     values (?, ?, ?, ?, ?, ?)
     on conflict (organization_id, workflow_id) do update set cron = excluded.cron, time_zone = excluded.time_zone,
       missed = excluded.missed, next_at = excluded.next_at`,
    [organizationId, id, schedule.cron, schedule.timeZone, schedule.missed, nextAt ?? null],
  );
}

async function firstLook(
  em: EntityManager,
  { organizationId, id }: Workflow,
  { cron, timeZone }: KeptSchedule,
): Promise<Date | undefined> {
  const [before] = await em.execute<StoredSchedule[]>(
    `select cron, time_zone as "timeZone", to_jsonb(next_at) #>> '{}' as "nextAt" from workflow_schedules
     where organization_id = ? and workflow_id = ? for update`,
    [organizationId, id],
  );
  const isSame = before?.cron === cron && before.timeZone === timeZone;
  if (isSame && before.nextAt !== null) return new Date(before.nextAt);
  return nextFiring({ cron, timeZone }, new Date(await readNow(em)));
}

/** A schedule with something to do, and since when. */
export interface DueSchedule extends KeptSchedule {
  readonly version: number;
  readonly dueAt: Date;
  readonly now: Date;
}

/** Takes a schedule that is due for the rest of the transaction; undefined when it is not, or another process has it. */
export async function takeDueSchedule(
  em: EntityManager,
  organizationId: string,
  workflowId: string,
): Promise<DueSchedule | undefined> {
  const [row] = await em.execute<(KeptSchedule & { version: number; dueAt: string; now: string })[]>(
    `select version, cron, time_zone as "timeZone", missed, to_jsonb(next_at) #>> '{}' as "dueAt",
       to_jsonb(app_now()) #>> '{}' as now
     from workflow_schedules where organization_id = ? and workflow_id = ? and next_at <= app_now()
     for update skip locked`,
    [organizationId, workflowId],
  );
  return row && { ...row, dueAt: new Date(row.dueAt), now: new Date(row.now) };
}

/** Notes that a look was taken: when the next one is, and what fired last. */
export async function moveOn(
  em: EntityManager,
  { organizationId, id }: Workflow,
  { nextAt, lastFiredAt }: { readonly nextAt: Date | undefined; readonly lastFiredAt: Date | undefined },
): Promise<void> {
  await em.execute(
    `update workflow_schedules set version = version + 1, next_at = ?, last_fired_at = coalesce(?, last_fired_at)
     where organization_id = ? and workflow_id = ?`,
    [nextAt ?? null, lastFiredAt ?? null, organizationId, id],
  );
}
