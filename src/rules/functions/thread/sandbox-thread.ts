import { parentPort } from 'node:worker_threads';
import { LRUCache } from 'lru-cache';
import { decide, type Decision } from '../../engine/decide.js';
import { compilePortable } from '../../engine/portable-rule-set.js';
import type { CompiledRuleSet } from '../../engine/rule-set.js';
import { CALL_TICKS, compileFunctions } from '../sandbox/compile-functions.js';
import { type CallOutcome, callFunction, checkFunction } from '../sandbox/sandbox.js';
import type { CallTask, DecideTask, ThreadAnswer, ThreadResults, ThreadTask } from './thread-messages.js';

/** The thread in which authors' functions run. It holds no connection and no secret, and blocks nobody but itself. */

const RULE_SETS_KEPT = 50;

const ruleSets = new LRUCache<number, CompiledRuleSet>({ max: RULE_SETS_KEPT });
let calls: Record<string, number> = {};

function count(outcome: CallOutcome): void {
  const name = 'failure' in outcome ? outcome.failure.code : 'succeeded';
  calls[name] = (calls[name] ?? 0) + 1;
}

function decideTask({ ruleSetNumber, ruleSet, failurePolicy, context, facts }: DecideTask): Decision | undefined {
  if (ruleSet) {
    const compiled = compilePortable(ruleSet, (definitions) => compileFunctions(definitions, count));
    ruleSets.set(ruleSetNumber, compiled);
  }
  const known = ruleSets.get(ruleSetNumber);
  return known && decide({ ...known, failurePolicy }, context, facts);
}

function callTask({ definition, args, now, seed }: CallTask): ThreadResults['call'] {
  const start = performance.now();
  const outcome = callFunction(definition, args, { now, seed, ticks: CALL_TICKS });
  count(outcome);
  return { ...outcome, durationMs: performance.now() - start };
}

function perform(task: ThreadTask): ThreadAnswer['result'] {
  switch (task.kind) {
    case 'decide':
      return decideTask(task);
    case 'call':
      return callTask(task);
    case 'check':
      return checkFunction(task.definition, CALL_TICKS);
  }
}

parentPort?.on('message', (task: ThreadTask) => {
  const result = perform(task);
  parentPort?.postMessage({ result, calls } satisfies ThreadAnswer);
  calls = {};
});
