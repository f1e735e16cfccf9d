import { conflict } from '../../kernel/domain-error.js';
import type { DomainEvent } from '../../kernel/domain-event.js';
import { newId, PLATFORM_ORGANIZATION } from '../../kernel/id.js';
import type { JsonObject } from '../../kernel/json.js';
import { mutable } from '../../platform/database/mapping.js';
import type { FailurePolicy } from '../engine/rule-set.js';
import { addResults, type BacktestResult, emptyResult } from './backtest-result.js';

/** Where a back-test may go from each status; the last three are ends. */
export const backtestTransitions = {
  queued: ['running', 'cancelled', 'failed'],
  running: ['completed', 'cancelled', 'failed'],
  completed: [],
  cancelled: [],
  failed: [],
} as const satisfies Record<string, readonly string[]>;

export type BacktestStatus = keyof typeof backtestTransitions;

export const backtestStatuses = Object.keys(backtestTransitions) as BacktestStatus[];

/** What a back-test compares: a draft in the place of its rule with the set that was in force when it was asked for. */
export interface BacktestSubject {
  readonly ruleId: string;
  /** The draft. */
  readonly ruleVersion: number;
  readonly entryPoint: string;
  readonly failurePolicy: FailurePolicy;
  readonly ruleSetRevision: number;
}

/** Which recorded decisions it takes again, and how fast. */
export interface BacktestScope {
  /** Inclusive. */
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
  /** Share of the decisions, above 0 and up to 1; which ones follows from their ids. */
  readonly sample: number;
  /** Share of the time that it may be at work, above 0 and up to 1. */
  readonly cpuShare: number;
  /** Dotted path into the context to count by, null for none. */
  readonly segmentPath: string | null;
}

/** The last recorded decision that was looked at, or a place before the first. */
export interface BacktestCursor {
  readonly at: Date;
  readonly id: string;
}

/** Between two reports: a worker that is silent for so long is taken for dead. */
const LEASE_MS = 8_000;
/** A back-test that stumbles so often in a row has failed. */
const MAX_ATTEMPTS = 5;

const event = (what: string, payload: JsonObject): DomainEvent => ({
  id: newId(),
  type: `rules.backtest-${what}`,
  version: 1,
  payload,
});

/** A draft tried over recorded decisions, part by part, by whichever worker holds it. It changes nothing. */
export class Backtest implements BacktestSubject, BacktestScope {
  readonly id!: string;
  readonly organizationId!: string;
  readonly version!: number;
  readonly ruleId!: string;
  readonly ruleVersion!: number;
  readonly entryPoint!: string;
  readonly failurePolicy!: FailurePolicy;
  readonly ruleSetRevision!: number;
  readonly from!: Date;
  readonly to!: Date;
  readonly sample!: number;
  readonly cpuShare!: number;
  readonly segmentPath!: string | null;
  readonly status!: BacktestStatus;
  readonly cursorAt!: Date;
  readonly cursorId!: string;
  /** What was found up to the cursor. */
  readonly result!: BacktestResult;
  /** How often it stumbled since the last part that went well. */
  readonly attempts!: number;
  /** The worker that computes, until `leaseUntil`. */
  readonly leaseOwner!: string | null;
  readonly leaseUntil!: Date;
  readonly correlationId!: string;
  /** Why it failed. */
  readonly failure!: string | null;
  readonly createdAt!: Date;
  readonly createdBy!: string;
  readonly startedAt!: Date | null;
  readonly finishedAt!: Date | null;

  private constructor() {}

  static queue(
    place: { id: string; organizationId: string; correlationId: string },
    subject: BacktestSubject,
    scope: BacktestScope,
    by: { userId: string; now: Date },
  ): { backtest: Backtest; events: DomainEvent[] } {
    const backtest = new Backtest();
    Object.assign(mutable(backtest), place, subject, scope, {
      status: 'queued',
      cursorAt: scope.from,
      cursorId: PLATFORM_ORGANIZATION,
      result: emptyResult,
      attempts: 0,
      leaseOwner: null,
      leaseUntil: by.now,
      failure: null,
      createdAt: by.now,
      createdBy: by.userId,
      startedAt: null,
      finishedAt: null,
    });
    const { from, to, ...rest } = scope;
    const payload = { ...subject, ...rest, from: from.toISOString(), to: to.toISOString() };
    return { backtest, events: [event('queued', payload)] };
  }

  /** Gives it to a worker. @returns whether nobody else has it and there is something left to do */
  claim(worker: string, now: Date): boolean {
    if (this.isFinished() || this.leaseUntil > now) return false;
    if (this.status === 'queued') {
      this.moveTo('running');
      mutable<Backtest>(this).startedAt = now;
    }
    this.lease(worker, now);
    return true;
  }

  /** Whether a worker may still go on. */
  isHeldBy(worker: string): boolean {
    return this.status === 'running' && this.leaseOwner === worker;
  }

  /** One more part was computed. */
  advance(found: BacktestResult, cursor: BacktestCursor, worker: string, now: Date): void {
    const result = addResults(this.result, found);
    Object.assign(mutable<Backtest>(this), { result, cursorAt: cursor.at, cursorId: cursor.id, attempts: 0 });
    this.lease(worker, now);
  }

  /** The worker is alive, though nothing was found yet. */
  renew(worker: string, now: Date): void {
    this.lease(worker, now);
  }

  /** Lets another worker go on. */
  release(now: Date): void {
    Object.assign(mutable<Backtest>(this), { leaseOwner: null, leaseUntil: now });
  }

  complete(now: Date): DomainEvent[] {
    const { decisions, changed, erased } = this.result;
    return this.finish('completed', { ruleId: this.ruleId, decisions, changed, erased }, now);
  }

  /** Stops it; what was found so far stays. @throws conflict `backtest-finished` */
  cancel(now: Date): DomainEvent[] {
    if (this.status === 'cancelled') return [];
    if (this.isFinished()) {
      throw conflict('backtest-finished', `The back-test is ${this.status}; nothing is left to cancel.`);
    }
    return this.finish('cancelled', { ruleId: this.ruleId, decisions: this.result.decisions }, now);
  }

  /** Computing failed; after five times in a row the back-test has. */
  stumble(failure: string, now: Date): DomainEvent[] {
    mutable<Backtest>(this).attempts += 1;
    if (this.attempts >= MAX_ATTEMPTS) {
      mutable<Backtest>(this).failure = failure;
      return this.finish('failed', { ruleId: this.ruleId, failure }, now);
    }
    this.release(new Date(now.getTime() + 1_000 * 2 ** this.attempts));
    return [];
  }

  isFinished(): boolean {
    return backtestTransitions[this.status].length === 0;
  }

  private finish(status: 'completed' | 'cancelled' | 'failed', payload: JsonObject, now: Date): DomainEvent[] {
    this.moveTo(status);
    mutable<Backtest>(this).finishedAt = now;
    this.release(now);
    return [event(status, payload)];
  }

  private lease(worker: string, now: Date): void {
    const leaseUntil = new Date(now.getTime() + LEASE_MS);
    Object.assign(mutable<Backtest>(this), { leaseOwner: worker, leaseUntil });
  }

  private moveTo(status: BacktestStatus): void {
    const allowed: readonly string[] = backtestTransitions[this.status];
    if (!allowed.includes(status)) {
      throw conflict('transition-not-allowed', `A back-test that is ${this.status} cannot become ${status}.`, {
        allowed,
      });
    }
    mutable<Backtest>(this).status = status;
  }
}
