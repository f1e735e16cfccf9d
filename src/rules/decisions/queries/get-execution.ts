import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import { timeOfId } from '../../../kernel/id.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { ExecutionReader } from '../execution-reader.js';
import { type ExecutionRow, type ExecutionView, executionOf, SELECT_EXECUTION } from '../execution-view.js';

export class GetExecution extends Query<ExecutionView> {
  constructor(
    readonly actor: Actor,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(GetExecution)
export class GetExecutionHandler implements IQueryHandler<GetExecution> {
  constructor(
    private readonly sql: Sql,
    private readonly reader: ExecutionReader,
  ) {}

  /** The time inside the id names the partition. @throws not-found */
  async execute({ actor, id }: GetExecution): Promise<ExecutionView> {
    const [row] = await this.sql.read<ExecutionRow>(
      actor.organizationId,
      `select ${SELECT_EXECUTION} from events as event
       where event.organization_id = $1 and event.id = $2 and event.occurred_at = $3 and event.type = 'rules.executed'`,
      [actor.organizationId, id, timeOfId(id)],
    );
    if (!row) throw notFound('Execution', id);
    const [execution] = await this.reader.show(actor, [executionOf(row)]);
    return execution!;
  }
}
