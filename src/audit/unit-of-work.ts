import { AsyncLocalStorage } from 'node:async_hooks';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { DomainEvent, Subject } from '../kernel/domain-event.js';
import type { Database } from '../platform/database/database.js';
import type { Actor } from '../platform/http/actor.js';
import { appendEvents, wakeRelay } from './append-statement.js';
import { eventRow, type HashedEvent } from './event-row.js';
import type { EventTypes } from './event-types.js';
import { answerBefore, storeAnswer } from './idempotency.js';
import type { Installation } from './installation.js';

/** An aggregate as the event store sees it. */
export interface Versioned {
  readonly id: string;
  /** Its version; read after the changes were flushed. */
  readonly version: number;
}

/** An event that makes others happen. */
export interface Cause {
  readonly id: string;
  readonly subject: Subject;
  readonly correlationId: string;
  /** How many events lie between the first cause and this one. */
  readonly depth: number;
}

interface Recorded {
  readonly actor: Actor;
  readonly streamType: string;
  readonly aggregate: Versioned;
  readonly event: DomainEvent;
}

/** What a unit collects until it is committed. */
class Journal {
  readonly recorded: Recorded[] = [];
  readonly afterCommit: (() => void)[] = [];
  secretAnswerAddress: string | undefined;
}

/** One transaction: entities to change, events to append, and what to do when both are durable. */
export class Unit {
  constructor(
    readonly actor: Actor,
    readonly em: EntityManager,
    readonly journal = new Journal(),
  ) {}

  /** The same transaction for another actor or on another trail of causes, such as that of one event among many. */
  as(actor: Actor): Unit {
    if (actor.organizationId !== this.actor.organizationId) throw new Error('A unit belongs to one organization.');
    return new Unit(actor, this.em, this.journal);
  }

  /** The same transaction; what is recorded in it was caused by `cause` and is about the same subject. */
  on({ id, subject, correlationId, depth }: Cause): Unit {
    return this.as({ ...this.actor, correlationId, causationId: id, depth: depth + 1, subject });
  }

  /** Appends events of one aggregate, `streamType` being its kind: `lead`. */
  record(streamType: string, aggregate: Versioned, ...events: readonly DomainEvent[]): void {
    for (const event of events) this.journal.recorded.push({ actor: this.actor, streamType, aggregate, event });
  }

  /** Runs `notify` once the transaction is durable; it is a hint, so it neither waits nor fails. */
  onCommitted(notify: () => void): void {
    this.journal.afterCommit.push(notify);
  }

  /** The answer holds a secret: it is not kept for a repeated request, which is pointed to `address` instead. */
  keepAnswerSecret(address: string): void {
    this.journal.secretAnswerAddress = address;
  }
}

/** The one way to change state: entities and their events become durable together, or not at all. */
export class UnitOfWork {
  private readonly running = new AsyncLocalStorage<Unit>();

  constructor(
    private readonly database: Database,
    private readonly eventTypes: EventTypes,
    private readonly installation: Installation,
  ) {}

  /**
   * Runs `work` in one transaction of the actor's organization; inside a running unit it joins that one, as its own
   * actor. With an idempotency key the answer is kept, and a repeated request gets it without running again.
   * @throws invalid `idempotency-key-reused`, conflict `already-done` (an answer with a secret is not repeated)
   */
  async run<R>(actor: Actor, work: (unit: Unit) => Promise<R>): Promise<R> {
    const outer = this.running.getStore();
    if (outer) return work(outer.as(actor));
    let finished: Journal | undefined;
    const result = await this.database.transaction(actor.organizationId, async (em) => {
      finished = undefined;
      const before = await answerBefore(em, actor);
      if (before) return before.body as R;
      const unit = new Unit(actor, em);
      const answer = await this.running.run(unit, () => work(unit));
      await em.flush();
      await writeEvents(em, this.rowsOf(unit.journal));
      await storeAnswer(em, actor, answer, unit.journal.secretAnswerAddress);
      finished = unit.journal;
      return answer;
    });
    for (const notify of finished?.afterCommit ?? []) notify();
    return result;
  }

  private rowsOf(journal: Journal): HashedEvent[] {
    const ordinals = new Map<string, number>();
    return journal.recorded.map(({ actor, streamType, aggregate, event }) => {
      const source = { type: streamType, id: aggregate.id };
      const ordinal = ordinals.get(aggregate.id) ?? 0;
      ordinals.set(aggregate.id, ordinal + 1);
      const place = { epoch: this.installation.epoch, source, streamVersion: aggregate.version, ordinal, id: event.id };
      return eventRow(actor, event, this.eventTypes.get(event.type), place);
    });
  }
}

/** Writes the events in one statement, and wakes the relay when somebody may wait for one of them. */
async function writeEvents(em: EntityManager, events: readonly HashedEvent[]): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map(({ row, leafHash }) => ({ ...row, leafHash: leafHash.toString('hex') }));
  await em.execute(`with appended as (${appendEvents('?::jsonb')}) select ${wakeRelay('?')}`, [
    JSON.stringify(rows),
    rows.some((row) => row.published),
  ]);
}
