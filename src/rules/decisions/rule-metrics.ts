import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Counter, Histogram } from 'prom-client';
import { Metrics } from '../../platform/metrics/metrics.js';
import { TraceState } from '../engine/trace.js';
import type { DecisionRecord } from './decision-record.js';
import { OperationMetrics } from './operation-metrics.js';

/** Deciding takes microseconds; bounds in seconds. */
const BUCKETS = [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1];
/** Authors make names, so labels are bounded: what comes after so many of them counts as `other`. */
const MOST_RULES = 1_000;
const MOST_ENTRY_POINTS = 200;
/** Organizations whose look-ups are told apart. */
const MOST_ORGANIZATIONS = 1_000;
/** The engine's own time, of every decision, reactions among them. */
const DECIDE = 'rules.decide';

/** Whether rule sets were in memory when decisions asked for them. */
export interface CacheFigures {
  readonly hits: number;
  readonly misses: number;
  /** Share of hits, 0 to 1; null while there was no decision. */
  readonly hitRate: number | null;
}

/** How often a rule matched and failed. */
interface Tally {
  matched: number;
  failed: number;
}

/** The first so many names stand for themselves. */
class BoundedNames {
  private readonly names = new Set<string>();

  constructor(private readonly most: number) {}

  label(name: string): string {
    if (this.names.size < this.most) this.names.add(name);
    return this.names.has(name) ? name : 'other';
  }
}

/** What rules do, how long a decision takes, and whether its rule set was in memory. */
@Injectable()
export class RuleMetrics {
  private readonly rules = new BoundedNames(MOST_RULES);
  private readonly entryPoints = new BoundedNames(MOST_ENTRY_POINTS);
  private readonly lookUps = new LRUCache<string, Record<'hit' | 'miss', number>>({ max: MOST_ORGANIZATIONS });
  // Working out labels for each matched rule would cost a decision as much as deciding: they are counted at the scrape.
  private readonly uncountedRules = new Map<string, Map<string, Tally>>();
  private readonly uncountedLookUps = { hit: 0, miss: 0 };
  private readonly executions: Counter<'entry_point' | 'rule_id' | 'outcome'>;
  private readonly duration: Histogram<'entry_point'>;
  private readonly cache: Counter<'cache' | 'result'>;

  constructor(
    { registry }: Metrics,
    private readonly operations: OperationMetrics,
  ) {
    const registers = [registry];
    operations.register(DECIDE);
    this.executions = new Counter({
      name: 'business_rules_executions_total',
      help: 'Rules that matched or failed in a decision',
      labelNames: ['entry_point', 'rule_id', 'outcome'] as const,
      registers,
      collect: () => this.countRules(),
    });
    this.duration = new Histogram({
      name: 'business_rules_execution_time_seconds',
      help: 'Time to decide by all rules of an entry point, without recording',
      labelNames: ['entry_point'] as const,
      buckets: BUCKETS,
      registers,
    });
    this.cache = new Counter({
      name: 'cache_requests_total',
      help: 'Look-ups of what is kept in memory, by whether it was there',
      labelNames: ['cache', 'result'] as const,
      registers,
      collect: () => this.countLookUps(),
    });
  }

  decided(organizationId: string, { entryPoint, candidates, durationUs }: DecisionRecord): void {
    this.operations.observe(organizationId, DECIDE, durationUs / 1000);
    const entry_point = this.entryPoints.label(entryPoint);
    this.duration.observe({ entry_point }, durationUs / 1e6);
    const tallies = this.talliesOf(entry_point);
    for (const [ruleId, , state] of candidates) {
      if (state !== TraceState.True && state !== TraceState.Error) continue;
      const rule_id = this.rules.label(ruleId);
      let tally = tallies.get(rule_id);
      if (!tally) tallies.set(rule_id, (tally = { matched: 0, failed: 0 }));
      tally[state === TraceState.True ? 'matched' : 'failed'] += 1;
    }
  }

  lookedUp(organizationId: string, result: 'hit' | 'miss'): void {
    this.uncountedLookUps[result] += 1;
    let known = this.lookUps.get(organizationId);
    if (!known) this.lookUps.set(organizationId, (known = { hit: 0, miss: 0 }));
    known[result] += 1;
  }

  /** How often an organization's rule sets were in memory, since this process began. */
  cacheFiguresOf(organizationId: string): CacheFigures {
    const { hit, miss } = this.lookUps.get(organizationId) ?? { hit: 0, miss: 0 };
    return { hits: hit, misses: miss, hitRate: hit + miss === 0 ? null : Number((hit / (hit + miss)).toFixed(4)) };
  }

  private talliesOf(entryPoint: string): Map<string, Tally> {
    let tallies = this.uncountedRules.get(entryPoint);
    if (!tallies) this.uncountedRules.set(entryPoint, (tallies = new Map<string, Tally>()));
    return tallies;
  }

  private countRules(): void {
    for (const [entry_point, tallies] of this.uncountedRules) {
      for (const [rule_id, { matched, failed }] of tallies) {
        if (matched > 0) this.executions.inc({ entry_point, rule_id, outcome: 'matched' }, matched);
        if (failed > 0) this.executions.inc({ entry_point, rule_id, outcome: 'failed' }, failed);
      }
    }
    this.uncountedRules.clear();
  }

  private countLookUps(): void {
    for (const result of ['hit', 'miss'] as const) {
      if (this.uncountedLookUps[result] > 0)
        this.cache.inc({ cache: 'rule-sets', result }, this.uncountedLookUps[result]);
      this.uncountedLookUps[result] = 0;
    }
  }
}
