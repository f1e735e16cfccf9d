import type { JsonObject } from '../../kernel/json.js';
import { type DecisionRecord, type PayloadForm, recordedIn } from './decision-record.js';

/** A recorded decision as callers see it. */
export interface ExecutionView extends Omit<DecisionRecord, 'executionId'>, PayloadForm {
  readonly id: string;
  readonly subject: { readonly type: string; readonly id: string };
  readonly correlationId: string;
  /** The event that caused the decision; null when a caller asked for it. */
  readonly causationId: string | null;
  /** How many events lie between the first cause and this decision. */
  readonly depth: number;
  readonly createdAt: string;
}

/** `Payload` is JSON, read or as text. */
export interface ExecutionRow<Payload = JsonObject> extends Record<string, unknown> {
  id: string;
  occurred_at: Date;
  subject_type: string;
  subject_id: string;
  correlation_id: string;
  causation_id: string | null;
  depth: number;
  payload: Payload;
}

/** The columns of `event` that a view is made of. */
export const SELECT_EXECUTION = `event.id, event.occurred_at, event.subject_type, event.subject_id, event.correlation_id,
  event.causation_id, event.depth, convert_from(event.payload, 'UTF8')::json as payload`;

/** A row as it is stored, with hidden values sealed. */
export const executionOf = (row: ExecutionRow): ExecutionView => ({
  id: row.id,
  subject: { type: row.subject_type, id: row.subject_id },
  correlationId: row.correlation_id,
  causationId: row.causation_id,
  depth: row.depth,
  ...recordedIn(row.id, row.payload),
  createdAt: row.occurred_at.toISOString(),
});
