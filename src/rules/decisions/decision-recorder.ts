import { Injectable } from '@nestjs/common';
import { type DurableRecord, eventRow, EventTypes, Installation, Recorder } from '../../audit/audit.contract.js';
import type { Actor } from '../../platform/http/actor.js';
import type { Decided } from './decider.js';
import { matchedOrFailed, rulesExecuted } from './decision-record.js';
import { DecisionSealing, type SealingKeys, subjectOf } from './decision-sealing.js';

/** Makes decisions durable that change nothing, by group commit. What is hidden leaves for the store sealed. */
@Injectable()
export class DecisionRecorder {
  constructor(
    private readonly recorder: Recorder,
    private readonly sealing: DecisionSealing,
    private readonly eventTypes: EventTypes,
    private readonly installation: Installation,
  ) {}

  /**
   * @throws unavailable `recorder-full` (nothing was written), `outcome-unknown` (it may have been), or what keeps a key
   * from being opened
   */
  async record(actor: Actor, decided: Decided): Promise<void> {
    const keys = await this.keysFor(actor.organizationId, [decided]);
    return this.recorder.record(this.durable(actor, decided, keys));
  }

  /** Records many of one organization in as few commits as they fit into; one answer each, in order. */
  async recordAll(
    organizationId: string,
    decisions: readonly { readonly actor: Actor; readonly decided: Decided }[],
  ): Promise<PromiseSettledResult<void>[]> {
    const all = decisions.map(({ decided }) => decided);
    const keys = await this.keysFor(organizationId, all);
    return this.recorder.recordAll(decisions.map(({ actor, decided }) => this.durable(actor, decided, keys)));
  }

  private async keysFor(organizationId: string, decisions: readonly Decided[]): Promise<SealingKeys> {
    const hiding = decisions.filter(({ entryPoint }) => entryPoint.hidden);
    if (hiding.length === 0) return undefined;
    return this.sealing.keysFor(
      organizationId,
      hiding.map(({ record }) => subjectOf(record)),
    );
  }

  private durable(actor: Actor, decided: Decided, keys: SealingKeys): DurableRecord {
    const { record } = decided;
    const source = { type: 'decision', id: record.executionId };
    const place = { epoch: this.installation.epoch, source, streamVersion: 1, ordinal: 0, id: record.executionId };
    const event = eventRow(actor, this.sealing.event(decided, keys), this.eventTypes.get(rulesExecuted.type), place);
    return { event, ruleIds: matchedOrFailed(record) };
  }
}
