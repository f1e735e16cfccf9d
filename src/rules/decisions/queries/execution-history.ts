import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { JsonObject } from '../../../kernel/json.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import type { Candidate } from '../../engine/decide.js';
import { TraceState } from '../../engine/trace.js';
import type { RecordedEffect } from '../decision-record.js';
import { ExecutionReader } from '../execution-reader.js';
import { type ExecutionRow, type ExecutionView, executionOf, SELECT_EXECUTION } from '../execution-view.js';

/** What one rule did in one decision. */
export interface RuleExecution {
  readonly executionId: string;
  readonly ruleId: string;
  readonly entryPoint: string;
  readonly contextSnapshot: JsonObject;
  readonly actionsResult: readonly RecordedEffect[];
  readonly outcome: 'matched' | 'failed';
  readonly executionTimeMs: number;
  readonly createdAt: string;
}

/** The latest decisions in which rules matched or failed, one row a rule, newest first. */
export class ExecutionHistory extends Query<readonly RuleExecution[]> {
  constructor(
    readonly actor: Actor,
    readonly ruleId: string | undefined,
    readonly limit: number,
  ) {
    super();
  }
}

interface MatchRow extends ExecutionRow {
  rule_id: string;
}

@QueryHandler(ExecutionHistory)
export class ExecutionHistoryHandler implements IQueryHandler<ExecutionHistory> {
  constructor(
    private readonly sql: Sql,
    private readonly reader: ExecutionReader,
  ) {}

  async execute({ actor, ruleId, limit }: ExecutionHistory): Promise<readonly RuleExecution[]> {
    const rows = await this.sql.read<MatchRow>(
      actor.organizationId,
      `select found.rule_id, ${SELECT_EXECUTION}
       from (
         select rule_id, occurred_at, event_id from rule_matches
         where organization_id = $1 and ($2::uuid is null or rule_id = $2)
         order by occurred_at desc, event_id desc limit $3
       ) as found
       join events as event on event.occurred_at = found.occurred_at and event.id = found.event_id
       order by found.occurred_at desc, found.event_id desc`,
      [actor.organizationId, ruleId ?? null, limit],
    );
    const executions = await this.reader.show(actor, rows.map(executionOf));
    return rows.map(({ rule_id }, i) => ruleExecutionOf(rule_id, executions[i]!));
  }
}

function ruleExecutionOf(ruleId: string, execution: ExecutionView): RuleExecution {
  const { id, entryPoint, context, effects, candidates, durationUs, createdAt } = execution;
  const own = candidates.find(([candidateId]: Candidate) => candidateId === ruleId);
  return {
    executionId: id,
    ruleId,
    entryPoint,
    contextSnapshot: context,
    actionsResult: effects.filter((effect) => effect.ruleId === ruleId),
    outcome: own?.[2] === TraceState.Error ? 'failed' : 'matched',
    executionTimeMs: durationUs / 1000,
    createdAt,
  };
}
