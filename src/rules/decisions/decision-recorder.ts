import { Injectable } from '@nestjs/common';
import { type DurableRecord, eventRow, EventTypes, Installation, Recorder } from '../../audit/audit.contract.js';
import type { Actor } from '../../platform/http/actor.js';
import { type DecisionRecord, matchedOrFailed, recordEvent, rulesExecuted } from './decision-record.js';

/** Makes decisions durable that change nothing, by group commit. */
@Injectable()
export class DecisionRecorder {
  constructor(
    private readonly recorder: Recorder,
    private readonly eventTypes: EventTypes,
    private readonly installation: Installation,
  ) {}

  /** @throws unavailable `recorder-full` (nothing was written) or `outcome-unknown` (it may have been) */
  record(actor: Actor, record: DecisionRecord): Promise<void> {
    return this.recorder.record(this.durable(actor, record));
  }

  /** Records many in as few commits as they fit into; one answer each, in order. */
  recordAll(
    decisions: readonly { readonly actor: Actor; readonly record: DecisionRecord }[],
  ): Promise<PromiseSettledResult<void>[]> {
    return this.recorder.recordAll(decisions.map(({ actor, record }) => this.durable(actor, record)));
  }

  private durable(actor: Actor, record: DecisionRecord): DurableRecord {
    const source = { type: 'decision', id: record.executionId };
    const place = { epoch: this.installation.epoch, source, streamVersion: 1, ordinal: 0, id: record.executionId };
    const event = eventRow(actor, recordEvent(record), this.eventTypes.get(rulesExecuted.type), place);
    return { event, ruleIds: matchedOrFailed(record) };
  }
}
