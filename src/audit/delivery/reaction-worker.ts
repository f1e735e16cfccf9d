import type { EntityManager } from '@mikro-orm/postgresql';
import { PLATFORM_ORGANIZATION } from '../../kernel/id.js';
import type { JsonObject } from '../../kernel/json.js';
import type { Sql } from '../../platform/database/sql.js';
import type { Actor } from '../../platform/http/actor.js';
import { withLogContext } from '../../platform/logging/log-context.js';
import type { Logger } from '../../platform/logging/logger.js';
import { failureOf, retryable, type Failure } from '../../platform/queue/failure.js';
import { chainTooDeep, reactionGivenUp } from './reaction-events.js';
import { readReactionJob } from './reaction-jobs.js';
import { MAX_DEPTH, type Reaction, type Reactions, type StoredEvent } from './reactions.js';
import type { Unit, UnitOfWork } from '../unit-of-work.js';
import { readWaitingEvents } from './waiting-events.js';

const MAX_ATTEMPTS = 10;

export interface ReactionWorkerDependencies {
  readonly sql: Sql;
  readonly unitOfWork: UnitOfWork;
  readonly reactions: Reactions;
  readonly logger: Logger;
}

/** Carries out the jobs of the reactions: each event is handled once, or is told to have been given up. */
export class ReactionWorker {
  constructor(private readonly dependencies: ReactionWorkerDependencies) {}

  /**
   * Handles the events of a job in one transaction; when that fails, each in its own.
   * @throws Error when the database is away: the sweeper finds the events again
   */
  async handle(data: JsonObject): Promise<void> {
    const job = readReactionJob(data);
    const reaction = this.dependencies.reactions.get(job.reaction);
    const events = await readWaitingEvents(this.dependencies.sql, reaction, job);
    if (events.length < 2) return this.handleEach(reaction, events);
    try {
      await this.process(reaction, events);
    } catch (error) {
      const fields = { event: 'reaction-batch-failed', reaction: reaction.name, events: events.length };
      this.dependencies.logger.info({ ...fields, failure: failureOf(error) });
      await this.handleEach(reaction, events);
    }
  }

  private async handleEach(reaction: Reaction, events: readonly StoredEvent[]): Promise<void> {
    for (const event of events) await withLogContext(event, () => this.handleAlone(reaction, event));
  }

  private async handleAlone(reaction: Reaction, event: StoredEvent): Promise<void> {
    try {
      await this.process(reaction, [event]);
    } catch (error) {
      await this.putOff(reaction, event, error);
    }
  }

  private process(reaction: Reaction, events: readonly StoredEvent[]): Promise<void> {
    return this.dependencies.unitOfWork.run(actorFor(events), async (unit) => {
      const claimed = await claim(unit.em, reaction, events);
      for (const event of claimed.filter(isTooDeep)) {
        this.tellTooDeep(unit, reaction, event);
      }
      const wanted = claimed.filter((event) => !isTooDeep(event));
      if (wanted.length > 0) await reaction.handle(unit, wanted);
    });
  }

  private tellTooDeep(unit: Unit, reaction: Reaction, event: StoredEvent): void {
    recordAbout(unit, reaction, event, chainTooDeep(reaction.name, event.id, event.depth));
    const fields = { reaction: reaction.name, eventId: event.id, type: event.type, depth: event.depth };
    this.dependencies.logger.warn({ event: 'chain-too-deep', ...fields }, 'Too many causes lie before an event.');
  }

  /** Tries again later, or gives up when that makes no sense. */
  private async putOff(reaction: Reaction, event: StoredEvent, error: unknown): Promise<void> {
    const failure = failureOf(error);
    const attempts = await noteFailure(this.dependencies.sql, reaction, event, failure);
    const isGivenUp = attempts >= MAX_ATTEMPTS || !retryable(error);
    const fields = { reaction: reaction.name, eventId: event.id, attempts, isGivenUp, failure };
    this.dependencies.logger.warn({ event: 'reaction-failed', ...fields });
    if (isGivenUp) await this.giveUp(reaction, event, { ...failure, attempts });
  }

  private giveUp(reaction: Reaction, event: StoredEvent, failure: Failure & { attempts: number }): Promise<void> {
    return this.dependencies.unitOfWork.run(actorFor([event]), async (unit) => {
      const [claimed] = await claim(unit.em, reaction, [event]);
      if (claimed) recordAbout(unit, reaction, event, reactionGivenUp(reaction.name, event.id, failure));
    });
  }
}

const isTooDeep = ({ depth }: StoredEvent): boolean => depth >= MAX_DEPTH;

/** What is recorded without naming its cause stands on the trail of the first event, deeper than every one of them. */
function actorFor(events: readonly StoredEvent[]): Actor {
  const [first] = events;
  return {
    type: 'system',
    id: PLATFORM_ORGANIZATION,
    organizationId: first!.organizationId,
    roles: [],
    permissions: new Set(),
    correlationId: first!.correlationId,
    causationId: first!.id,
    depth: Math.max(...events.map(({ depth }) => depth)) + 1,
  };
}

function recordAbout(unit: Unit, reaction: Reaction, event: StoredEvent, told: ReturnType<typeof chainTooDeep>): void {
  unit.on(event).record(reaction.name, { id: event.id, version: 1 }, told);
}

/**
 * Notes the events as processed, in an order that lets two workers wait for instead of block one another.
 * @returns those that nobody had processed before
 */
async function claim(em: EntityManager, reaction: Reaction, events: readonly StoredEvent[]): Promise<StoredEvent[]> {
  const rows = await em.execute<{ event_id: string }[]>(
    `with wanted as (
       select e.organization_id, e.consumer, e.event_id
       from jsonb_to_recordset(?::jsonb) as e(organization_id uuid, consumer text, event_id uuid)
     ), settled as (
       delete from reaction_failures where (organization_id, consumer, event_id) in (select * from wanted)
     )
     insert into processed_events (organization_id, consumer, event_id)
     select * from wanted order by event_id
     on conflict do nothing returning event_id`,
    [
      JSON.stringify(
        events.map((event) => ({
          organization_id: event.organizationId,
          consumer: reaction.name,
          event_id: event.id,
        })),
      ),
    ],
  );
  const claimed = new Set(rows.map(({ event_id }) => event_id));
  return events.filter(({ id }) => claimed.has(id));
}

/** Puts an event off for 1 s, then 2, 4 … up to 600 s. @returns how often it failed by now */
async function noteFailure(sql: Sql, reaction: Reaction, event: StoredEvent, failure: Failure): Promise<number> {
  const rows = await sql.write<{ attempts: number }>(
    event.organizationId,
    `insert into reaction_failures as f (organization_id, consumer, event_id, next_attempt_at, error_code, error_message)
     values ($1, $2, $3, clock_timestamp() + interval '1 second', $4, $5)
     on conflict (organization_id, consumer, event_id) do update
       set attempts = f.attempts + 1, error_code = excluded.error_code, error_message = excluded.error_message,
         next_attempt_at = clock_timestamp() + least(600, 2 ^ f.attempts) * interval '1 second'
     returning attempts`,
    [event.organizationId, reaction.name, event.id, failure.code, failure.message],
  );
  return rows[0]!.attempts;
}
