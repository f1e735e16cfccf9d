import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../../kernel/json.js';
import { recordedIn } from '../decisions/decision-record.js';
import { SealedValues } from '../decisions/sealed-values.js';
import type { RecordedScope, RevealedCases, StoredDecision } from './backtest-process.messages.js';

/** Opens recorded decisions for a back-test, whose process has no keys. */
@Injectable()
export class SealedCases {
  constructor(private readonly sealedValues: SealedValues) {}

  /**
   * The decisions of the entry point among these, in plain values.
   * @throws conflict `sealed-values-unreadable` when one cannot be opened though its key was not destroyed
   */
  async reveal(
    { organizationId, entryPoint }: Pick<RecordedScope, 'organizationId' | 'entryPoint'>,
    rows: readonly StoredDecision[],
  ): Promise<RevealedCases> {
    const executions = rows
      .map(({ executionId: id, payload }) => ({ id, ...recordedIn(id, JSON.parse(payload) as JsonObject) }))
      .filter((execution) => execution.entryPoint === entryPoint);
    const revealed = await this.sealedValues.reveal(organizationId, executions);
    const opened = revealed.filter(({ isErased }) => !isErased);
    return {
      cases: opened.map(({ execution: { id, context, facts } }) => ({ executionId: id, context, facts })),
      erased: revealed.length - opened.length,
    };
  }
}
