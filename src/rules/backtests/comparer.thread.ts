import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { JsonObject } from '../../kernel/json.js';
import { recordedIn } from '../decisions/decision-record.js';
import { type BacktestResult, sumOf } from './backtest-result.js';
import { findingsOf } from './backtest-findings.js';
import type {
  RecordedCase,
  StoredCase,
  ThreadAssignment,
  ThreadOrder,
  ThreadReport,
} from './backtest-thread.messages.js';
import { SetComparer } from './set-comparison.js';

// A thread that compares recorded decisions, slice by slice, so that it can be given pauses and be stopped.

/** Whoever serves a request goes before. */
const LAST_PRIORITY = 19;

// Linux counts a priority for each thread; elsewhere it would be that of the whole process. Compiling the sets is work too.
if (process.platform === 'linux') setPriority(LAST_PRIORITY);

const { entryPoint, before, after, ruleId, segmentPath, sliceMs } = workerData as ThreadAssignment;
const comparer = new SetComparer(before, after, ruleId);
const waiting: (RecordedCase | StoredCase)[] = [];
let next = 0;

function slice(): ThreadReport {
  const until = performance.now() + sliceMs;
  const found: BacktestResult[] = [];
  while (next < waiting.length) {
    const recorded = plain(waiting[next++]!);
    if (recorded) found.push(compare(recorded));
    if (performance.now() >= until) break;
  }
  if (next === waiting.length) next = waiting.length = 0;
  return { found: sumOf(found), left: waiting.length - next };
}

/** Undefined for a decision of another entry point, whose record names this one. */
function plain(recorded: RecordedCase | StoredCase): RecordedCase | undefined {
  if (!('payload' in recorded)) return recorded;
  const { executionId, payload } = recorded;
  const record = recordedIn(executionId, JSON.parse(payload) as JsonObject);
  return record.entryPoint === entryPoint ? { executionId, context: record.context, facts: record.facts } : undefined;
}

function compare({ executionId, context, facts }: RecordedCase): BacktestResult {
  const comparison = comparer.compare(context, facts);
  return findingsOf({ executionId, context, comparison }, segmentPath);
}

parentPort!.on('message', ({ cases }: ThreadOrder) => {
  waiting.push(...cases);
  parentPort!.postMessage(slice());
});
