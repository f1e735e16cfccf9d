import type { BatchResultAnswer, ExecutionBatchAnswer } from './batch.dto.js';
import { problemOf } from '../../platform/http/problem.js';
import { TraceState } from '../engine/trace.js';
import type { BatchResult } from './commands/execute-rules-batch.js';
import type { DecisionRecord } from './decision-record.js';
import type { ExecutionAnswer } from './decisions.dto.js';
import { answeredErrors } from './error-groups.js';

/** A decision as `execute` answers it. */
export const answerOf = (record: DecisionRecord, isDryRun: boolean): ExecutionAnswer => ({
  executionId: record.executionId,
  outcome: record.outcome,
  executedRules: record.candidates.filter(([, , state]) => state === TraceState.True).map(([ruleId]) => ruleId),
  actions: record.effects,
  errors: answeredErrors(record.errors),
  acknowledgments: [],
  blocked: record.blocked,
  recorded: !isDryRun,
  timings: { decisionMs: record.durationUs / 1000 },
});

/** Many results as `execute-batch` answers them, in their order. */
export function batchAnswerOf(
  results: readonly BatchResult[],
  place: { readonly isDryRun: boolean; readonly correlationId: string },
): ExecutionBatchAnswer {
  const answers = results.map((result) => resultAnswer(result, place));
  const succeeded = answers.filter(({ execution }) => execution !== undefined).length;
  return { succeeded, failed: answers.length - succeeded, results: answers };
}

function resultAnswer(
  result: BatchResult,
  { isDryRun, correlationId }: { isDryRun: boolean; correlationId: string },
): BatchResultAnswer {
  if ('record' in result) return { status: 200, execution: answerOf(result.record, isDryRun) };
  const problem = problemOf(result.error, { correlationId });
  return { status: problem.status, problem };
}
