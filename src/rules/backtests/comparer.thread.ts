import { parentPort, workerData } from 'node:worker_threads';
import { addResults, emptyResult } from './backtest-result.js';
import { findingsOf } from './backtest-findings.js';
import type { RecordedCase, ThreadAssignment, ThreadOrder, ThreadReport } from './backtest-thread.messages.js';
import { SetComparer } from './set-comparison.js';

/** A thread that compares recorded decisions, slice by slice, so that it can be given pauses and be stopped. */
const SLICE_MS = 25;

const { before, after, ruleId, segmentPath } = workerData as ThreadAssignment;
const comparer = new SetComparer(before, after, ruleId);
const waiting: RecordedCase[] = [];
let next = 0;

function slice(): ThreadReport {
  const until = performance.now() + SLICE_MS;
  let found = emptyResult;
  while (next < waiting.length) {
    const { executionId, context, facts } = waiting[next++]!;
    const comparison = comparer.compare(context, facts);
    found = addResults(found, findingsOf({ executionId, context, comparison }, segmentPath));
    if (performance.now() >= until) break;
  }
  if (next === waiting.length) next = waiting.length = 0;
  return { found, left: waiting.length - next };
}

parentPort!.on('message', ({ cases }: ThreadOrder) => {
  waiting.push(...cases);
  parentPort!.postMessage(slice());
});
