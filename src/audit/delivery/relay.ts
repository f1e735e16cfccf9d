import type pg from 'pg';
import { Leader } from '../../platform/database/leader.js';
import type { ErrorLog } from '../../platform/queue/error-log.js';
import type { Queues } from '../../platform/queue/queues.js';
import { readCheckpoints, READS_IN_ORDER, type Cursor } from '../cursor.js';
import type { Reactions } from './reactions.js';
import { jobsFor, MAX_BATCH, moveCheckpoint, readPublished, RELAY_CHECKPOINT } from './relay-batch.js';

const POLL_MS = 100;
/** After a wake-up the gate may still be closed by others in flight, so the first looks follow closely. */
const FIRST_LOOK_MS = 3;
const TIMEOUT_MS = 10_000;

export interface RelayDependencies {
  /** Of the database. */
  readonly url: string;
  /** The epoch in which rows are written now. */
  readonly epoch: number;
  readonly reactions: Reactions;
  readonly queues: Queues;
  readonly errors: ErrorLog;
}

/**
 * Hands published events to the queue, each at least once. Of all processes one leads; NOTIFY only makes it quicker, a
 * poll stands behind it.
 */
export class Relay {
  private readonly leader: Leader;

  constructor(private readonly dependencies: RelayDependencies) {
    const { url, errors } = dependencies;
    this.leader = new Leader({
      name: 'relay',
      url,
      session: { role: 'relay', settings: READS_IN_ORDER },
      timeoutMs: TIMEOUT_MS,
      errors,
      lead: (client) => this.lead(client),
    });
  }

  /** Begins to relay, or to wait until the leader is gone. Every reaction must be registered. */
  start(): void {
    this.leader.start();
  }

  stop(): Promise<void> {
    return this.leader.stop();
  }

  private async lead(client: pg.Client): Promise<void> {
    await client.query('listen events');
    let checkpoint = (await readCheckpoints(client)).get(RELAY_CHECKPOINT)!;
    let look = FIRST_LOOK_MS;
    while (!this.leader.isStopped) {
      const moved = await this.relay(client, checkpoint);
      checkpoint = moved.to;
      if (moved.events === MAX_BATCH) continue;
      const wasWoken = await this.leader.pause(look);
      look = wasWoken || moved.events > 0 ? FIRST_LOOK_MS : Math.min(look * 2, POLL_MS);
    }
  }

  /** One batch: add the jobs, then move on. Killed in between, it adds them again; reactions see to it that is no harm. */
  private async relay(client: pg.Client, from: Cursor): Promise<{ to: Cursor; events: number }> {
    const { epoch, reactions, queues } = this.dependencies;
    const events = await readPublished(client, from, epoch);
    const last = events.at(-1);
    if (!last) return { to: from, events: 0 };
    await queues.addAll('reactions', jobsFor(events, reactions.all()));
    await moveCheckpoint(client, from, last);
    return { to: { epoch: last.epoch, tx: last.tx, position: last.position }, events: events.length };
  }
}
