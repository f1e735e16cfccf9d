import { conflict } from '../../kernel/domain-error.js';
import type { DomainEvent } from '../../kernel/domain-event.js';
import { newId } from '../../kernel/id.js';
import type { JsonObject } from '../../kernel/json.js';
import { mutable } from '../../platform/database/mapping.js';

/** Where an import may go from each status; the last three are ends. */
export const importTransitions = {
  receiving: ['queued', 'cancelled', 'failed'],
  queued: ['running', 'cancelled', 'failed'],
  running: ['completed', 'cancelled', 'failed'],
  completed: [],
  cancelled: [],
  failed: [],
} as const satisfies Record<string, readonly string[]>;

export type ImportStatus = keyof typeof importTransitions;

export const importStatuses = Object.keys(importTransitions) as ImportStatus[];

export const importFormats = ['csv', 'ndjson'] as const;

export type ImportFormat = (typeof importFormats)[number];

/** What became of rows. */
export interface RowCounts {
  readonly created: number;
  readonly duplicate: number;
  readonly rejected: number;
}

/** An upload is given up when nothing arrived for so long: a process died while it received. */
const RECEIVING_LEASE_MS = 35 * 60_000;
/**
 * Between two chunks: a worker that is silent for so long is taken for dead. A chunk may take longer, because its
 * transaction holds the row, and the lease is longer again once that is free.
 */
const WORKING_LEASE_MS = 8_000;
/** A chunk that fails so often in a row fails the import. */
const MAX_ATTEMPTS = 5;

const event = (what: string, payload: JsonObject): DomainEvent => ({
  id: newId(),
  type: `crm.lead-import-${what}`,
  version: 1,
  payload,
});

/** Many leads from one upload: first received as a whole, then taken in chunk by chunk. */
export class LeadImport implements RowCounts {
  readonly id!: string;
  readonly organizationId!: string;
  readonly version!: number;
  readonly status!: ImportStatus;
  readonly format!: ImportFormat;
  /** Checks everything and creates nothing. */
  readonly isDryRun!: boolean;
  /** Rows of the upload. */
  readonly total!: number;
  readonly created!: number;
  readonly duplicate!: number;
  readonly rejected!: number;
  /** Number of the chunk that is to be taken in next, from 0. */
  readonly nextChunk!: number;
  /** How often that chunk failed. */
  readonly attempts!: number;
  /** The worker that takes chunks in, until `leaseUntil`. */
  readonly leaseOwner!: string | null;
  readonly leaseUntil!: Date;
  readonly correlationId!: string;
  /** The event that set the import going. */
  readonly causeId!: string | null;
  /** Why it failed. */
  readonly failure!: string | null;
  readonly createdAt!: Date;
  readonly createdBy!: string;
  readonly startedAt!: Date | null;
  readonly finishedAt!: Date | null;

  private constructor() {}

  /** An import whose upload begins. */
  static receive(
    place: { id: string; organizationId: string; correlationId: string },
    kind: { format: ImportFormat; isDryRun: boolean },
    by: { userId: string; now: Date },
  ): LeadImport {
    const leadImport = new LeadImport();
    const nothing = { total: 0, created: 0, duplicate: 0, rejected: 0, nextChunk: 0, attempts: 0 };
    Object.assign(mutable(leadImport), place, kind, nothing, {
      status: 'receiving',
      leaseOwner: null,
      leaseUntil: new Date(by.now.getTime() + RECEIVING_LEASE_MS),
      causeId: null,
      failure: null,
      createdAt: by.now,
      createdBy: by.userId,
      startedAt: null,
      finishedAt: null,
    });
    return leadImport;
  }

  /** The upload is there as a whole. */
  queue(total: number, now: Date): DomainEvent[] {
    this.moveTo('queued');
    const { format, isDryRun } = this;
    const queued = event('queued', { format, isDryRun, total });
    Object.assign(mutable<LeadImport>(this), { total, causeId: queued.id, leaseUntil: now });
    return [queued];
  }

  /** Gives the import to a worker. @returns whether nobody else has it and there is something left to do */
  claim(worker: string, now: Date): boolean {
    if (this.isFinished() || this.leaseUntil > now) return false;
    if (this.status === 'queued') {
      this.moveTo('running');
      mutable<LeadImport>(this).startedAt = now;
    }
    this.lease(worker, now);
    return this.status === 'running';
  }

  /** Whether a worker may still go on. */
  isHeldBy(worker: string): boolean {
    return this.status === 'running' && this.leaseOwner === worker;
  }

  /** One more chunk was taken in. */
  advance({ created, duplicate, rejected }: RowCounts, worker: string, now: Date): void {
    const state = mutable<LeadImport>(this);
    state.created += created;
    state.duplicate += duplicate;
    state.rejected += rejected;
    state.nextChunk += 1;
    state.attempts = 0;
    this.lease(worker, now);
  }

  /** Lets another worker go on. */
  release(now: Date): void {
    Object.assign(mutable<LeadImport>(this), { leaseOwner: null, leaseUntil: now });
  }

  complete(now: Date): DomainEvent[] {
    const { created, duplicate, rejected, isDryRun } = this;
    return this.finish('completed', { isDryRun, created, duplicate, rejected }, now);
  }

  /** Takes in no more chunks; the leads that were created stay. @throws conflict `import-finished` */
  cancel(now: Date): DomainEvent[] {
    if (this.status === 'cancelled') return [];
    if (this.isFinished())
      throw conflict('import-finished', `The import is ${this.status}; nothing is left to cancel.`);
    return this.finish('cancelled', { created: this.created }, now);
  }

  fail(failure: string, now: Date): DomainEvent[] {
    mutable<LeadImport>(this).failure = failure;
    return this.finish('failed', { failure, created: this.created }, now);
  }

  /** A chunk failed; after five times in a row the import has. */
  stumble(failure: string, now: Date): DomainEvent[] {
    mutable<LeadImport>(this).attempts += 1;
    if (this.attempts >= MAX_ATTEMPTS) return this.fail(failure, now);
    this.release(new Date(now.getTime() + 1_000 * 2 ** this.attempts));
    return [];
  }

  isFinished(): boolean {
    return importTransitions[this.status].length === 0;
  }

  private finish(status: 'completed' | 'cancelled' | 'failed', payload: JsonObject, now: Date): DomainEvent[] {
    this.moveTo(status);
    mutable<LeadImport>(this).finishedAt = now;
    this.release(now);
    return [event(status, payload)];
  }

  private lease(worker: string, now: Date): void {
    const leaseUntil = new Date(now.getTime() + WORKING_LEASE_MS);
    Object.assign(mutable<LeadImport>(this), { leaseOwner: worker, leaseUntil });
  }

  private moveTo(status: ImportStatus): void {
    const allowed: readonly string[] = importTransitions[this.status];
    if (!allowed.includes(status)) {
      throw conflict('transition-not-allowed', `An import that is ${this.status} cannot become ${status}.`, {
        allowed,
      });
    }
    mutable<LeadImport>(this).status = status;
  }
}
