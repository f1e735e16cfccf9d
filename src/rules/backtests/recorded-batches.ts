import { Injectable } from '@nestjs/common';
import { Sql } from '../../platform/database/sql.js';
import { type ExecutionRow, type ExecutionView, executionOf, SELECT_EXECUTION } from '../decisions/execution-view.js';
import { SealedValues } from '../decisions/sealed-values.js';
import type { Backtest, BacktestCursor } from './backtest.js';
import type { RecordedCase } from './backtest-thread.messages.js';

/** Events of the trail that one batch looks at. */
export const BATCH_EVENTS = 500;

/** Recorded decisions next in the trail. */
export interface RecordedBatch {
  readonly cases: readonly RecordedCase[];
  /** Decisions whose values are erased. */
  readonly erased: number;
  /** The last event that was looked at; absent at the end. */
  readonly cursor: BacktestCursor | undefined;
}

interface ScannedRow extends Record<string, unknown> {
  id: string;
  occurred_at: Date;
  payload: ExecutionRow['payload'] | null;
}

/** Reads recorded decisions of one entry point in the order of the trail, in plain values. */
@Injectable()
export class RecordedBatches {
  constructor(
    private readonly sql: Sql,
    private readonly sealedValues: SealedValues,
  ) {}

  /** A bounded part of the trail, however few decisions are in it. */
  async next(backtest: Backtest, cursor: BacktestCursor): Promise<RecordedBatch> {
    const { organizationId, entryPoint, sample, to } = backtest;
    const rows = await this.sql.read<ScannedRow>(organizationId, SELECT_BATCH, [
      organizationId,
      cursor.at,
      cursor.id,
      to,
      BATCH_EVENTS,
      Buffer.from(`"entryPoint":${JSON.stringify(entryPoint)}`),
      Math.ceil(sample * SAMPLE_BUCKETS),
    ]);
    const executions = rows
      .filter(({ payload }) => payload !== null)
      .map((row) => executionOf(row as unknown as ExecutionRow))
      .filter((execution) => execution.entryPoint === entryPoint);
    const revealed = await this.sealedValues.reveal(organizationId, executions);
    const last = rows.at(-1);
    return {
      cases: revealed.filter(({ isErased }) => !isErased).map(({ execution }) => caseOf(execution)),
      erased: revealed.filter(({ isErased }) => isErased).length,
      cursor: last && { at: last.occurred_at, id: last.id },
    };
  }
}

const caseOf = ({ id, context, facts }: ExecutionView): RecordedCase => ({ executionId: id, context, facts });

/** The last 28 bits of a UUID v7 are random, and stay the same. */
const SAMPLE_BUCKETS = 2 ** 28;

// Looking for the name in the bytes is cheap and finds all decisions of the entry point; what it finds too much is
// left out once the payload was read.
const SELECT_BATCH = `
  select event.id, event.occurred_at, wanted.*
  from (
    select * from events
    where organization_id = $1 and occurred_at >= $2 and (occurred_at, id) > ($2, $3) and occurred_at < $4
    order by occurred_at, id limit $5
  ) as event
  left join lateral (
    select ${SELECT_EXECUTION.replace('event.id, event.occurred_at, ', '')}
    where event.type = 'rules.executed' and position($6::bytea in event.payload) > 0
      and ('x' || right(event.id::text, 7))::bit(28)::int < $7
  ) as wanted on true
  order by event.occurred_at, event.id`;
