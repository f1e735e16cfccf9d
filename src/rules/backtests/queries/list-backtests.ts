import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { listWindow, type Page, pageOf, type PageRequest } from '../../../kernel/page.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { BACKTEST_COLUMNS, type BacktestView } from '../backtest-view.js';

/** The organization's back-tests, newest first. */
export class ListBacktests extends Query<Page<BacktestView>> {
  constructor(
    readonly actor: Actor,
    /** Only of this rule. */
    readonly ruleId: string | undefined,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListBacktests)
export class ListBacktestsHandler implements IQueryHandler<ListBacktests> {
  constructor(private readonly sql: Sql) {}

  /** @throws malformed `bad-cursor` */
  async execute({ actor, ruleId, page }: ListBacktests): Promise<Page<BacktestView>> {
    const { take, skip, after } = listWindow(page, 2);
    const rows = await this.sql.read<BacktestView & Record<string, unknown>>(
      actor.organizationId,
      `select ${BACKTEST_COLUMNS} from backtests
       where organization_id = $1 and ($2::uuid is null or rule_id = $2)
         and ($4::uuid is null or (created_at, id) < ($3::timestamptz, $4::uuid))
       order by created_at desc, id desc limit ${take} offset ${skip}`,
      [actor.organizationId, ruleId ?? null, ...after],
    );
    const total = page.cursor === undefined ? await this.count(actor, ruleId) : 0;
    return pageOf<BacktestView>(rows, page, total, ({ createdAt, id }) => [createdAt.toISOString(), id]);
  }

  private async count({ organizationId }: Actor, ruleId: string | undefined): Promise<number> {
    const [row] = await this.sql.read<{ total: number }>(
      organizationId,
      `select count(*)::int as total from backtests
       where organization_id = $1 and ($2::uuid is null or rule_id = $2)`,
      [organizationId, ruleId ?? null],
    );
    return row!.total;
  }
}
