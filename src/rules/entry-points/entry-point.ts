import type { Unit } from '../../audit/audit.contract.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { HiddenSettings } from './hidden-tree.js';

/** What happens to a decision when one of its rules fails. */
export type FailurePolicy = 'fail_open' | 'fail_closed';

/** A row that a decision is about, loaded for update by the context that owns it. */
export interface OwnedSubject {
  /** The owner's own state, in the shape of the schema; it overrides what the caller sent. */
  readonly context: JsonObject;
  /**
   * Changes fields on the aggregate and records its events through the unit, which stands on the decision's trail.
   * @throws DomainError when the owner refuses; then nothing may have changed
   */
  write(changes: Readonly<Record<string, JsonValue>>, unit: Unit): void;
}

/** The context behind an entry point: how its rows are read and changed. */
export interface EntryPointOwner {
  /** Kind of the rows, as in a subject: `lead`. */
  readonly subjectType: string;
  /** Loads the rows for update; an id that the organization does not have is left out. */
  load(unit: Unit, ids: readonly string[]): Promise<ReadonlyMap<string, OwnedSubject>>;
}

/** A named place where decisions are taken, `context.subject.moment`. */
export interface EntryPoint extends HiddenSettings {
  readonly name: string;
  readonly description: string;
  /** What the sources call the entity, accepted instead of the name where it is unambiguous: `lead`. */
  readonly entity?: string;
  /** JSON Schema (draft 2020-12) of the context. */
  readonly schema: JsonObject;
  /** Paths that actions may change: `lead.score`. */
  readonly writableFields: readonly string[];
  readonly failurePolicy: FailurePolicy;
  /** Absent for an entry point that was made over HTTP. */
  readonly owner?: EntryPointOwner;
}
