import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { InjectConfiguration } from '../../platform/config/config.module.js';
import type { Configuration } from '../../platform/config/configuration.js';
import { SlowOperations } from '../../platform/metrics/slow-operations.js';

/** Organizations whose figures are kept; of others than the latest nothing is known. */
const MOST_ORGANIZATIONS = 1_000;
/** The latest durations of an operation, from which its 95th percentile is told. */
const KEPT_DURATIONS = 256;

/** What is known of one operation of one organization in this process. */
export interface OperationFigures {
  readonly operation: string;
  readonly count: number;
  /** Milliseconds over all of them; null while there is none. */
  readonly meanMs: number | null;
  /** Milliseconds over the latest 256; null while there is none. */
  readonly p95Ms: number | null;
  /** How many took longer than SLOW_OPERATION_MS. */
  readonly slow: number;
  /** How many were refused or failed. */
  readonly errors: number;
}

class Tally {
  private readonly durations = new Float32Array(KEPT_DURATIONS);
  private count = 0;
  private totalMs = 0;
  private slow = 0;
  private errors = 0;

  add(durationMs: number, { isSlow, isError }: { isSlow: boolean; isError: boolean }): void {
    this.durations[this.count % KEPT_DURATIONS] = durationMs;
    this.count += 1;
    this.totalMs += durationMs;
    if (isSlow) this.slow += 1;
    if (isError) this.errors += 1;
  }

  get figures(): Omit<OperationFigures, 'operation'> {
    const { count, slow, errors } = this;
    if (count === 0) return { count, meanMs: null, p95Ms: null, slow, errors };
    const latest = this.durations.slice(0, Math.min(count, KEPT_DURATIONS)).sort();
    const p95Ms = latest[Math.ceil(latest.length * 0.95) - 1]!;
    return { count, meanMs: rounded(this.totalMs / count), p95Ms: rounded(p95Ms), slow, errors };
  }
}

const rounded = (milliseconds: number): number => Number(milliseconds.toFixed(3));

/** How long operations of business rules take in this process, by organization. Contexts add their own by name. */
@Injectable()
export class OperationMetrics {
  private readonly operations = new Set<string>();
  private readonly tallies = new LRUCache<string, Map<string, Tally>>({ max: MOST_ORGANIZATIONS });

  constructor(
    private readonly slowOperations: SlowOperations,
    @InjectConfiguration() private readonly configuration: Pick<Configuration, 'SLOW_OPERATION_MS'>,
  ) {}

  /** Names an operation, once and at the start, `orders.price`. @throws Error when the name is taken */
  register(operation: string): void {
    if (this.operations.has(operation)) throw new Error(`The operation ${operation} is registered twice.`);
    this.operations.add(operation);
  }

  /** Counts what took so long. @throws Error for an operation that nobody registered */
  observe(organizationId: string, operation: string, durationMs: number, isError = false): void {
    if (!this.operations.has(operation)) throw new Error(`The operation ${operation} is not registered.`);
    const isSlow = durationMs > this.configuration.SLOW_OPERATION_MS;
    this.tallyOf(organizationId, operation).add(durationMs, { isSlow, isError });
    if (isSlow) this.slowOperations.observe('business-rules', durationMs, { name: operation, organizationId });
  }

  /** Does the work, and counts how long it took and whether it failed. */
  async measure<T>(organizationId: string, operation: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    let isError = true;
    try {
      const result = await work();
      isError = false;
      return result;
    } finally {
      this.observe(organizationId, operation, performance.now() - start, isError);
    }
  }

  /** The figures of every operation, by name. */
  figuresOf(organizationId: string): readonly OperationFigures[] {
    const tallies = this.tallies.get(organizationId);
    const none = new Tally();
    return [...this.operations]
      .sort()
      .map((operation) => ({ operation, ...(tallies?.get(operation) ?? none).figures }));
  }

  private tallyOf(organizationId: string, operation: string): Tally {
    let tallies = this.tallies.get(organizationId);
    if (!tallies) this.tallies.set(organizationId, (tallies = new Map()));
    let tally = tallies.get(operation);
    if (!tally) tallies.set(operation, (tally = new Tally()));
    return tally;
  }
}
