import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { BACKTEST_COLUMNS, type BacktestView } from '../backtest-view.js';

export class GetBacktest extends Query<BacktestView> {
  constructor(
    readonly actor: Actor,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(GetBacktest)
export class GetBacktestHandler implements IQueryHandler<GetBacktest> {
  constructor(private readonly sql: Sql) {}

  /** @throws not-found */
  async execute({ actor, id }: GetBacktest): Promise<BacktestView> {
    const [found] = await this.sql.read<BacktestView & Record<string, unknown>>(
      actor.organizationId,
      `select ${BACKTEST_COLUMNS} from backtests where organization_id = $1 and id = $2`,
      [actor.organizationId, id],
    );
    if (!found) throw notFound('Back-test', id);
    return found;
  }
}
