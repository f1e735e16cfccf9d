import type pg from 'pg';
import type { ErrorLog } from '../../platform/queue/error-log.js';
import type { Queues } from '../../platform/queue/queues.js';
import { justBefore, readCheckpoints, type Cursor } from '../cursor.js';
import { reactionJobs, type Delivery } from './reaction-jobs.js';
import type { Reaction, Reactions } from './reactions.js';
import { RELAY_CHECKPOINT } from './relay-batch.js';

const EVERY_MS = 1_000;
/** So long a job has time before it is taken for lost. */
const GRACE = '5 seconds';
const MAX_ROWS = 500;

const settledName = (reaction: Reaction): string => `settled:${reaction.name}`;

interface OpenEvent extends Cursor {
  readonly organizationId: string;
  readonly eventId: string;
  readonly isOverdue: boolean;
}

export interface ReactionSweeperDependencies {
  /** Under the role sweeper. */
  readonly pool: pg.Pool;
  readonly reactions: Reactions;
  readonly queues: Queues;
  readonly errors: ErrorLog;
}

/**
 * Finds events that were relayed and never processed, because their job was lost, and failed ones whose time has come,
 * and adds jobs for them. Up to its settled checkpoint every event of a reaction is processed or noted as failed.
 * Several may run at once; nothing depends on who does.
 */
export class ReactionSweeper {
  private isStopped = false;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private lag = 0;

  constructor(private readonly dependencies: ReactionSweeperDependencies) {}

  /** Seconds that the oldest event which is not relayed yet has waited, as of the last sweep. */
  get relayLagSeconds(): number {
    return this.lag;
  }

  /** Lets reactions that this database never saw begin now instead of at the first event. To be done before relaying. */
  async prepare(): Promise<void> {
    await this.dependencies.pool.query(
      `insert into relay_checkpoints (name, epoch, tx, position)
       select settled.name, c.epoch, c.tx, c.position
       from unnest($1::text[]) as settled(name), relay_checkpoints c where c.name = $2
       on conflict do nothing`,
      [this.dependencies.reactions.all().map(settledName), RELAY_CHECKPOINT],
    );
  }

  /** Sweeps every second from now on. */
  start(): void {
    this.timer = setTimeout(() => {
      this.running = this.sweep()
        .catch((error: unknown) => this.dependencies.errors.report('sweep-failed', 'reactions', error))
        .finally(() => {
          if (!this.isStopped) this.start();
        });
    }, EVERY_MS);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** Looks once. */
  async sweep(): Promise<void> {
    const checkpoints = await readCheckpoints(this.dependencies.pool);
    const relayed = checkpoints.get(RELAY_CHECKPOINT)!;
    this.lag = await this.measureLag(relayed);
    for (const reaction of this.dependencies.reactions.all()) {
      const settled = checkpoints.get(settledName(reaction));
      if (settled) await this.sweepReaction(reaction, settled, relayed);
    }
    await this.add(await this.readDueFailures());
  }

  private async sweepReaction(reaction: Reaction, settled: Cursor, relayed: Cursor): Promise<void> {
    const open = await this.readOpen(reaction, settled, relayed);
    await this.add(
      open
        .filter(({ isOverdue }) => isOverdue)
        .map(({ organizationId, eventId }) => ({ reaction: reaction.name, organizationId, eventId })),
    );
    await this.settle(reaction, open[0] ? justBefore(open[0]) : relayed);
  }

  private async add(deliveries: readonly Delivery[]): Promise<void> {
    await this.dependencies.queues.addAll('reactions', reactionJobs(deliveries));
  }

  /** Relayed events of a reaction that are neither processed nor noted as failed, the oldest first. */
  private async readOpen({ name, eventTypes }: Reaction, after: Cursor, upTo: Cursor): Promise<OpenEvent[]> {
    const { rows } = await this.dependencies.pool.query<OpenEvent>({
      name: 'sweep-events',
      text: `select e.epoch, e.tx::text as tx, e.position::text as position, e.organization_id as "organizationId",
          e.id as "eventId", e.occurred_at < clock_timestamp() - interval '${GRACE}' as "isOverdue"
        from events e
        where e.published and (e.epoch, e.tx, e.position) > ($1::smallint, $2::xid8, $3::bigint)
          and (e.epoch, e.tx, e.position) <= ($4::smallint, $5::xid8, $6::bigint) and e.type = any($7)
          and not exists (select from processed_events p
            where p.organization_id = e.organization_id and p.consumer = $8 and p.event_id = e.id)
          and not exists (select from reaction_failures f
            where f.organization_id = e.organization_id and f.consumer = $8 and f.event_id = e.id)
        order by e.epoch, e.tx, e.position limit ${MAX_ROWS}`,
      values: [after.epoch, after.tx, after.position, upTo.epoch, upTo.tx, upTo.position, eventTypes, name],
    });
    return rows;
  }

  private async settle(reaction: Reaction, to: Cursor): Promise<void> {
    await this.dependencies.pool.query(
      `update relay_checkpoints set epoch = $2, tx = $3::xid8, position = $4
       where name = $1 and (epoch, tx, position) < ($2::smallint, $3::xid8, $4::bigint)`,
      [settledName(reaction), to.epoch, to.tx, to.position],
    );
  }

  private async readDueFailures(): Promise<Delivery[]> {
    const { rows } = await this.dependencies.pool.query<Delivery & Record<string, unknown>>(
      `select consumer as reaction, organization_id as "organizationId", event_id as "eventId" from reaction_failures
       where next_attempt_at <= clock_timestamp() and consumer = any($1) order by next_attempt_at limit ${MAX_ROWS}`,
      [this.dependencies.reactions.all().map(({ name }) => name)],
    );
    return rows;
  }

  private async measureLag(relayed: Cursor): Promise<number> {
    const { rows } = await this.dependencies.pool.query<{ seconds: number }>(
      `select extract(epoch from clock_timestamp() - e.occurred_at)::float8 as seconds from events e
       where e.published and (e.epoch, e.tx, e.position) > ($1::smallint, $2::xid8, $3::bigint)
       order by e.epoch, e.tx, e.position limit 1`,
      [relayed.epoch, relayed.tx, relayed.position],
    );
    return Math.max(0, rows[0]?.seconds ?? 0);
  }
}
