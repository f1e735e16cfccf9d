import type { JsonObject } from './json.js';

/** What happened, told by an aggregate or a handler; the unit of work adds who, when, why and where. */
export interface DomainEvent {
  /** Stable name in the past tense, `crm.lead-created`. */
  readonly type: string;
  /** Version of the payload's shape, from 1. */
  readonly version: number;
  readonly payload: JsonObject;
  /** UUID v7, given when the teller must know it beforehand (an execution's id); else made when the event is written. */
  readonly id?: string;
}

/** The thing an event is about, `{type: 'lead', id}`. */
export interface Subject {
  readonly type: string;
  readonly id: string;
}
