import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { invalid, type Violation } from '../../../kernel/domain-error.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { type CronSchedule, faultOfCron, nextFirings } from '../cron.js';
import { type Firing, firingAt } from '../firing.js';
import { isTimeZone } from '../../engine/time-zone.js';

/** When a schedule that nobody has saved would fire, from now on. */
export class PreviewSchedule extends Query<{ readonly firings: readonly Firing[] }> {
  constructor(
    readonly actor: Actor,
    readonly schedule: CronSchedule,
    readonly count: number,
  ) {
    super();
  }
}

@QueryHandler(PreviewSchedule)
export class PreviewScheduleHandler implements IQueryHandler<PreviewSchedule> {
  constructor(private readonly sql: Sql) {}

  /** @throws invalid `invalid-schedule` */
  async execute({ actor, schedule, count }: PreviewSchedule): Promise<{ readonly firings: readonly Firing[] }> {
    const violations = faultsOf(schedule);
    const [first] = violations;
    if (first) throw invalid('invalid-schedule', first.message, { violations });
    const [row] = await this.sql.read<{ now: Date }>(actor.organizationId, 'select app_now() as now');
    const firings = nextFirings(schedule, row!.now, count);
    return { firings: firings.map((at) => firingAt(at, schedule.timeZone)) };
  }
}

function faultsOf({ cron, timeZone }: CronSchedule): Violation[] {
  const fault = faultOfCron(cron);
  return [
    ...(fault === undefined ? [] : [{ pointer: '#/cron', message: fault }]),
    ...(isTimeZone(timeZone) ? [] : [{ pointer: '#/timeZone', message: `There is no time zone "${timeZone}".` }]),
  ];
}
