import { Injectable } from '@nestjs/common';
import { Sql } from '../../platform/database/sql.js';
import { type ExecutionRow, executionOf, SELECT_EXECUTION } from '../decisions/execution-view.js';
import { type RevealedExecution, SealedValues } from '../decisions/sealed-values.js';
import type { JsonObject } from '../../kernel/json.js';
import type { Backtest, BacktestCursor } from './backtest.js';
import type { RecordedCase, StoredCase, ThreadOrder } from './backtest-thread.messages.js';

/** Events of the trail that one batch looks at; with a share of the time as large a part, so that others wait less. */
const BATCH_EVENTS = 500;

/** Recorded decisions next in the trail. */
export interface RecordedBatch {
  readonly cases: ThreadOrder['cases'];
  /** Decisions whose values are erased. */
  readonly erased: number;
  /** The last event that was looked at; absent at the end. */
  readonly cursor: BacktestCursor | undefined;
}

type DecisionRow = ExecutionRow<string>;

/** Without payload when it is no decision of the entry point. */
type ScannedRow = ExecutionRow<string | null>;

/** Reads recorded decisions of one entry point in the order of the trail, in plain values. */
@Injectable()
export class RecordedBatches {
  constructor(
    private readonly sql: Sql,
    private readonly sealedValues: SealedValues,
  ) {}

  /** A bounded part of the trail, however few decisions are in it. */
  async next(backtest: Backtest, cursor: BacktestCursor): Promise<RecordedBatch> {
    const { organizationId, entryPoint, sample, to, cpuShare } = backtest;
    const rows = await this.sql.read<ScannedRow>(organizationId, SELECT_BATCH, [
      organizationId,
      cursor.at,
      cursor.id,
      to,
      Math.ceil(BATCH_EVENTS * cpuShare),
      Buffer.from(`"entryPoint":${JSON.stringify(entryPoint)}`),
      Math.ceil(sample * SAMPLE_BUCKETS),
    ]);
    const decisions = rows.filter((row): row is DecisionRow => row.payload !== null);
    const revealed = await this.reveal(backtest, decisions.filter(mayBeSealed));
    const last = rows.at(-1);
    return {
      cases: decisions.flatMap((row): ThreadOrder['cases'] =>
        mayBeSealed(row) ? caseOf(revealed.get(row.id)) : [storedCase(row)],
      ),
      erased: [...revealed.values()].filter(({ isErased }) => isErased).length,
      cursor: last && { at: last.occurred_at, id: last.id },
    };
  }

  /** The decisions of the entry point among these, by id. */
  private async reveal(
    { organizationId, entryPoint }: Backtest,
    rows: readonly DecisionRow[],
  ): Promise<ReadonlyMap<string, RevealedExecution>> {
    const executions = rows
      .map((row) => executionOf({ ...row, payload: JSON.parse(row.payload) as JsonObject }))
      .filter((execution) => execution.entryPoint === entryPoint);
    const revealed = await this.sealedValues.reveal(organizationId, executions);
    return new Map(revealed.map((one) => [one.execution.id, one]));
  }
}

/** A plain context may hold these letters as well; then it is read here instead of in the thread. */
const mayBeSealed = ({ payload }: DecisionRow): boolean => payload.includes('"sealed":true');

const storedCase = ({ id, payload }: DecisionRow): StoredCase => ({ executionId: id, payload });

function caseOf(revealed: RevealedExecution | undefined): RecordedCase[] {
  if (!revealed || revealed.isErased) return [];
  const { id, context, facts } = revealed.execution;
  return [{ executionId: id, context, facts }];
}

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
    select ${SELECT_EXECUTION.replace('event.id, event.occurred_at, ', '').replace('::json as payload', ' as payload')}
    where event.type = 'rules.executed' and position($6::bytea in event.payload) > 0
      and ('x' || right(event.id::text, 7))::bit(28)::int < $7
  ) as wanted on true
  order by event.occurred_at, event.id`;
