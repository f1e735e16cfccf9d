import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../kernel/json.js';
import { createPool } from '../../platform/database/pool.js';
import { Sql } from '../../platform/database/sql.js';
import { recordedIn } from '../decisions/decision-record.js';
import type {
  ComparerAssignment,
  ComparerFailure,
  ComparerMessage,
  ComparerStart,
  RecordedCase,
  RevealedCases,
  TrailPlace,
} from './backtest-process.messages.js';
import { addResults, type BacktestResult, emptyResult, sumOf } from './backtest-result.js';
import { findingsOf } from './backtest-findings.js';
import { type RecordedBatch, readBatch, type StoredDecision } from './recorded-batch.js';
import { SetComparer } from './set-comparison.js';

// A process that reads recorded decisions, compares them batch by batch and reports; its parent makes the findings
// durable, opens what is sealed, and ends it.

const REPORT_MS = 1_000;
/** After so many decisions what has come of the next batch is taken in; the server sends no more before. */
const BETWEEN_TURNS = 50;

const nothingSealed: RevealedCases = { cases: [], erased: 0 };

/**
 * Whoever serves a request goes before: Linux runs what is idle only where nothing else wants to run, and lets a thread
 * that wakes up have that processor at once, which no niceness does.
 */
function goLast(): void {
  const set = spawnSync('chrt', ['--idle', '--all-tasks', '--pid', '0', String(process.pid)], { stdio: 'ignore' });
  if (set.status !== 0) setPriority(constants.priority.PRIORITY_LOW);
}

const busyMs = (before: NodeJS.CpuUsage, after: NodeJS.CpuUsage): number =>
  (after.user + after.system - before.user - before.system) / 1_000;

const say = (message: ComparerMessage | ComparerFailure): boolean => process.send!(message);
const hear = async <T>(): Promise<T> => ((await once(process, 'message')) as [T])[0];

/** Compares recorded decisions and remembers what it found until it is reported. */
class Comparison {
  private readonly comparer: SetComparer;
  private found: BacktestResult = emptyResult;
  private reportedAt = performance.now();

  constructor(
    private readonly assignment: ComparerAssignment,
    private readonly sql: Sql,
  ) {
    this.comparer = new SetComparer(assignment.ruleSet, assignment.draft);
  }

  async run(): Promise<void> {
    let { cursor } = this.assignment;
    let usedBefore = process.cpuUsage();
    for (let reading = this.read(cursor); ;) {
      const startedAt = performance.now();
      const batch = await reading;
      if (!batch.cursor) return this.report(cursor, true);
      cursor = batch.cursor;
      reading = this.read(cursor);
      await this.take(batch);
      if (performance.now() - this.reportedAt >= REPORT_MS) this.report(cursor);
      const used = process.cpuUsage();
      const restMs = busyMs(usedBefore, used) / this.assignment.scope.cpuShare - (performance.now() - startedAt);
      usedBefore = used;
      if (restMs > 0) await sleep(restMs);
    }
  }

  /** The next batch is on its way while one is compared. */
  private read(cursor: TrailPlace): Promise<RecordedBatch> {
    const reading = readBatch(this.sql, this.assignment.scope, cursor);
    // Its failure is seen where it is awaited.
    reading.catch(() => undefined);
    return reading;
  }

  private async take({ decisions }: RecordedBatch): Promise<void> {
    const sealed = new Set(decisions.filter(maybeSealed));
    const { cases, erased } = await this.reveal([...sealed].flatMap((decision) => this.caseOf(decision) ?? []));
    const revealed = new Map(cases.map((one) => [one.id, one]));
    for (let begin = 0; begin < decisions.length; begin += BETWEEN_TURNS) {
      const found = decisions.slice(begin, begin + BETWEEN_TURNS).flatMap((decision) => {
        const recorded = sealed.has(decision) ? revealed.get(decision.id) : this.caseOf(decision);
        return recorded ? [this.compare(recorded)] : [];
      });
      this.found = sumOf([this.found, ...found]);
      await turn();
    }
    this.found = addResults(this.found, { ...emptyResult, erased });
  }

  private async reveal(cases: readonly RecordedCase[]): Promise<RevealedCases> {
    if (cases.length === 0) return nothingSealed;
    say({ kind: 'sealed', cases });
    return hear<RevealedCases>();
  }

  /** Undefined for a decision of another entry point, whose record names this one. */
  private caseOf({ id, payload }: StoredDecision): RecordedCase | undefined {
    const { entryPoint, context, facts, sealed } = recordedIn(id, JSON.parse(payload) as JsonObject);
    return entryPoint === this.assignment.scope.entryPoint ? { id, context, facts, sealed } : undefined;
  }

  private compare({ id, context, facts }: RecordedCase): BacktestResult {
    const comparison = this.comparer.compare(context, facts);
    return findingsOf({ executionId: id, context, comparison }, this.assignment.segmentPath);
  }

  private report(cursor: TrailPlace, isComplete = false): void {
    say({ kind: 'report', found: this.found, cursor, isComplete });
    this.found = emptyResult;
    this.reportedAt = performance.now();
  }
}

/** A plain context may hold these letters as well; then it is opened like a sealed one. */
const maybeSealed = ({ payload }: StoredDecision): boolean => payload.includes('"sealed":true');

process.on('disconnect', () => process.exit());
// A signal to the whole group is for the parent to follow, which then ends this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

goLast();
try {
  const { databaseUrl, assignment } = await hear<ComparerStart>();
  const sql = new Sql(createPool(databaseUrl, { role: 'app', max: 1, pipeline: true }));
  await new Comparison(assignment, sql).run();
} catch (error) {
  say({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
}
