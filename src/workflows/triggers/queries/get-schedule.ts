import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { nextFirings } from '../cron.js';
import type { KeptSchedule } from '../due-firings.js';
import { type Firing, firingAt } from '../firing.js';

const SHOWN = 10;

/** When a workflow starts by itself. */
export interface ScheduleDetails extends KeptSchedule {
  /** The next ones, at most ten; none while the workflow is disabled. A first one that has passed is about to begin. */
  readonly next: readonly Firing[];
  readonly lastFiredAt: Date | null;
}

interface Row extends KeptSchedule, Record<string, unknown> {
  readonly nextAt: Date | null;
  readonly lastFiredAt: Date | null;
}

/** The schedule of a workflow. */
export class GetSchedule extends Query<ScheduleDetails> {
  constructor(
    readonly actor: Actor,
    readonly workflowId: string,
  ) {
    super();
  }
}

@QueryHandler(GetSchedule)
export class GetScheduleHandler implements IQueryHandler<GetSchedule> {
  constructor(private readonly sql: Sql) {}

  /** @throws not-found, also for a workflow without a schedule */
  async execute({ actor: { organizationId }, workflowId }: GetSchedule): Promise<ScheduleDetails> {
    const [row] = await this.sql.read<Row>(
      organizationId,
      `select cron, time_zone as "timeZone", missed, next_at as "nextAt", last_fired_at as "lastFiredAt"
       from workflow_schedules where organization_id = $1 and workflow_id = $2`,
      [organizationId, workflowId],
    );
    if (!row) throw notFound('The schedule of workflow', workflowId);
    const { nextAt, lastFiredAt, ...schedule } = row;
    const next = nextAt === null ? [] : [nextAt, ...nextFirings(schedule, nextAt, SHOWN - 1)];
    return { ...schedule, next: next.map((at) => firingAt(at, schedule.timeZone)), lastFiredAt };
  }
}
