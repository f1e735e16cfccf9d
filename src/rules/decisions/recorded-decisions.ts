import { Injectable } from '@nestjs/common';
import { notFound } from '../../kernel/domain-error.js';
import { timeOfId } from '../../kernel/id.js';
import { Sql } from '../../platform/database/sql.js';
import { type ExecutionRow, type ExecutionView, executionOf, SELECT_EXECUTION } from './execution-view.js';
import { type RevealedExecution, SealedValues } from './sealed-values.js';

/** A recorded decision in plain values, and as it is stored, with hidden ones sealed. */
export interface RecordedExecution extends RevealedExecution {
  readonly stored: ExecutionView;
}

/** Recorded decisions as they were taken; what readers may see of them is another question. */
@Injectable()
export class RecordedDecisions {
  constructor(
    private readonly sql: Sql,
    private readonly sealedValues: SealedValues,
  ) {}

  /** In plain values. @throws not-found, conflict `sealed-values-unreadable` */
  async get(organizationId: string, id: string): Promise<RecordedExecution> {
    const stored = await this.stored(organizationId, id);
    const [revealed] = await this.sealedValues.reveal(organizationId, [stored]);
    return { ...revealed!, stored };
  }

  /** As it is stored. The time inside the id names the partition. @throws not-found */
  async stored(organizationId: string, id: string): Promise<ExecutionView> {
    const [row] = await this.sql.read<ExecutionRow>(
      organizationId,
      `select ${SELECT_EXECUTION} from events as event
       where event.organization_id = $1 and event.id = $2 and event.occurred_at = $3 and event.type = 'rules.executed'`,
      [organizationId, id, timeOfId(id)],
    );
    if (!row) throw notFound('Execution', id);
    return executionOf(row);
  }
}
