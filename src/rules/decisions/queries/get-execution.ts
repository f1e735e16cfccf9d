import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Actor } from '../../../platform/http/actor.js';
import { ExecutionReader } from '../execution-reader.js';
import type { ExecutionView } from '../execution-view.js';
import { RecordedDecisions } from '../recorded-decisions.js';

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
    private readonly recorded: RecordedDecisions,
    private readonly reader: ExecutionReader,
  ) {}

  /** @throws not-found */
  async execute({ actor, id }: GetExecution): Promise<ExecutionView> {
    const stored = await this.recorded.stored(actor.organizationId, id);
    const [execution] = await this.reader.show(actor, [stored]);
    return execution!;
  }
}
