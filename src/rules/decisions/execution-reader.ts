import { Injectable } from '@nestjs/common';
import { READ_SENSITIVE, SensitiveReads } from '../../audit/audit.contract.js';
import type { Actor } from '../../platform/http/actor.js';
import type { ExecutionView } from './execution-view.js';
import { conceal, isErased, type OpenedExecution, SealedValues } from './sealed-values.js';

/** Shows recorded decisions to readers: in plain to who may, and then it is recorded; else with masks. */
@Injectable()
export class ExecutionReader {
  constructor(
    private readonly values: SealedValues,
    private readonly reads: SensitiveReads,
  ) {}

  /**
   * The decisions in order. For a hidden value stands `{"$encrypted": "masked"}`, `"erased"` or `"unreadable"`.
   * @throws unavailable when that values are read in plain cannot be recorded
   */
  async show(actor: Actor, executions: readonly ExecutionView[]): Promise<readonly ExecutionView[]> {
    if (!executions.some(({ sealed }) => sealed)) return executions;
    if (!actor.permissions.has(READ_SENSITIVE)) return this.mask(actor, executions);
    const opened = await this.values.open(actor.organizationId, executions);
    await this.recordReading(actor, opened);
    return opened.map(({ execution }) => execution);
  }

  private async mask(actor: Actor, executions: readonly ExecutionView[]): Promise<readonly ExecutionView[]> {
    const states = await this.values.keyStates(actor.organizationId, executions);
    return executions.map((execution) => {
      if (!execution.sealed) return execution;
      return conceal(execution, isErased(execution, states) ? 'erased' : 'masked');
    });
  }

  private async recordReading(actor: Actor, opened: readonly OpenedExecution[]): Promise<void> {
    const read = opened.filter(({ state }) => state === 'opened').map(({ execution }) => execution);
    const [first] = read;
    if (!first) return;
    const ids = [...new Set(read.map(({ id }) => id))];
    const isAboutOne = read.every(({ subject }) => subject.id === first.subject.id);
    await this.reads.record(actor, { of: 'execution', ids, ...(isAboutOne && { subject: first.subject }) });
  }
}
