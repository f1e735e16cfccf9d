import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { DomainError, unavailable } from '../kernel/domain-error.js';
import { isConnectionLost } from '../platform/database/sql.js';
import { byteaArray } from './bytea-array.js';
import type { HashedEvent } from './event-row.js';

/** Limits of the group commit. */
const MAX_BATCH_ROWS = 200;
const MAX_BATCHES_IN_FLIGHT = 2;
const MAX_WAITING_ROWS = 10_000;
/** How long a batch of unknown outcome is sent again, from the time at which the oldest of its rows came. */
const RESEND_FOR_MS = 10_000;

/** A decision to be made durable, with the rules to find it by. */
export interface DurableRecord {
  readonly event: HashedEvent;
  /** Rules that matched or failed. */
  readonly ruleIds: readonly string[];
}

interface Waiting extends DurableRecord {
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Told of each batch that became durable; for the metrics. */
export type BatchListener = (rows: number, bytes: number) => void;

/**
 * Makes events durable that change nothing else, many in one commit: a batch leaves at once while fewer than two are
 * in flight, else rows collect. No timer, so a lone caller waits for one commit only.
 */
export class Recorder {
  private waiting: Waiting[] = [];
  private inFlight = 0;

  constructor(
    private readonly pool: pg.Pool,
    private readonly onBatch: BatchListener = () => undefined,
  ) {}

  /**
   * Resolves once the record is durable.
   * @throws unavailable `recorder-full` (nothing was written) or `outcome-unknown` (it may have been)
   */
  record(record: DurableRecord): Promise<void> {
    const recording = this.enqueue(record);
    this.send();
    return recording;
  }

  /**
   * Records many in as few commits as they fit into; the answers are in order, one for each.
   * Nothing is thrown: what `record` throws is the reason of a rejected answer.
   */
  recordAll(records: readonly DurableRecord[]): Promise<PromiseSettledResult<void>[]> {
    const recordings = records.map(async (record) => this.enqueue(record));
    this.send();
    return Promise.allSettled(recordings);
  }

  private enqueue(record: DurableRecord): Promise<void> {
    if (this.waiting.length >= MAX_WAITING_ROWS) {
      throw unavailable('recorder-full', 'More decisions wait to be recorded than the database takes; try again.');
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ ...record, since: Date.now(), resolve, reject });
    });
  }

  /** Rows that wait for a place in a batch. */
  get waitingRows(): number {
    return this.waiting.length;
  }

  private send(): void {
    while (this.inFlight < MAX_BATCHES_IN_FLIGHT && this.waiting.length > 0) {
      const batch = this.waiting.splice(0, MAX_BATCH_ROWS);
      this.inFlight++;
      void this.commit(batch).finally(() => {
        this.inFlight--;
        this.send();
      });
    }
  }

  /** Writes a batch; a refused one is halved until the bad row stands alone, and only its caller gets the error. */
  private async commit(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.insertUntilKnown(batch);
      this.onBatch(batch.length, bytesOf(batch));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (batch.length === 1 || error instanceof DomainError) {
        for (const waiting of batch) waiting.reject(withExecution(error, waiting));
        return;
      }
      const middle = Math.ceil(batch.length / 2);
      await this.commit(batch.slice(0, middle));
      await this.commit(batch.slice(middle));
    }
  }

  /**
   * The same rows again are no harm: a row that is already there is left alone. What waited behind others in an outage
   * is tried once more and not for as long again, else the last caller would wait for all before him.
   */
  private async insertUntilKnown(batch: readonly Waiting[]): Promise<void> {
    const deadline = batch[0]!.since + RESEND_FOR_MS;
    for (let pause = 10; ; pause = Math.min(pause * 2, 500)) {
      try {
        await insert(this.pool, batch);
        return;
      } catch (error) {
        if (!isPassing(error)) throw error;
        if (Date.now() >= deadline) {
          throw unavailable(
            'outcome-unknown',
            'The database went away; whether the decision was recorded is not known.',
            {
              cause: error,
            },
          );
        }
        await sleep(pause);
      }
    }
  }
}

/** Lost connections, deadlocks, a server that is starting, full or shutting down: nothing that is the batch's fault. */
function isPassing(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return isConnectionLost(error) || (typeof code === 'string' && /^(40|53|55|57)/.test(code));
}

function withExecution(error: unknown, { event }: Waiting): unknown {
  if (!(error instanceof DomainError)) return error;
  return new DomainError(error.kind, error.code, error.message, { ...error.details, executionId: event.row.id });
}

const bytesOf = (batch: readonly Waiting[]): number =>
  batch.reduce((sum, { event }) => sum + event.row.payload.length, 0);

const INSERT = {
  name: 'record-decisions',
  text: `with appended as (
      insert into events (epoch, id, occurred_at, organization_id, stream, stream_version, ordinal, type, version,
        subject_type, subject_id, actor_type, actor_id, correlation_id, causation_id, depth, published, payload, leaf_hash)
      select epoch, id, occurred_at, organization_id, stream, stream_version, ordinal, type, version, subject_type,
        subject_id, actor_type, actor_id, correlation_id, causation_id, depth, published, payload, leaf_hash
      from unnest($1::smallint[], $2::uuid[], $3::timestamptz[], $4::uuid[], $5::text[], $6::integer[], $7::smallint[],
        $8::text[], $9::smallint[], $10::text[], $11::uuid[], $12::text[], $13::uuid[], $14::text[], $15::uuid[],
        $16::smallint[], $17::boolean[], $18::bytea[], $19::bytea[])
        as event(epoch, id, occurred_at, organization_id, stream, stream_version, ordinal, type, version, subject_type,
          subject_id, actor_type, actor_id, correlation_id, causation_id, depth, published, payload, leaf_hash)
      on conflict do nothing
    )
    insert into rule_matches (organization_id, rule_id, occurred_at, event_id)
    select * from unnest($20::uuid[], $21::uuid[], $22::timestamptz[], $23::uuid[]) on conflict do nothing`,
};

async function insert(pool: pg.Pool, batch: readonly DurableRecord[]): Promise<void> {
  const rows = batch.map(({ event }) => event.row);
  const matches = batch.flatMap(({ event, ruleIds }) => ruleIds.map((ruleId) => ({ ruleId, row: event.row })));
  await pool.query({
    ...INSERT,
    values: [
      rows.map((row) => row.epoch),
      rows.map((row) => row.id),
      rows.map((row) => row.occurredAt),
      rows.map((row) => row.organizationId),
      rows.map((row) => row.stream),
      rows.map((row) => row.streamVersion),
      rows.map((row) => row.ordinal),
      rows.map((row) => row.type),
      rows.map((row) => row.version),
      rows.map((row) => row.subjectType),
      rows.map((row) => row.subjectId),
      rows.map((row) => row.actorType),
      rows.map((row) => row.actorId),
      rows.map((row) => row.correlationId),
      rows.map((row) => row.causationId),
      rows.map((row) => row.depth),
      rows.map((row) => row.published),
      byteaArray(rows.map((row) => row.payload)),
      byteaArray(batch.map(({ event }) => event.leafHash)),
      matches.map(({ row }) => row.organizationId),
      matches.map(({ ruleId }) => ruleId),
      matches.map(({ row }) => row.occurredAt),
      matches.map(({ row }) => row.id),
    ],
  });
}
