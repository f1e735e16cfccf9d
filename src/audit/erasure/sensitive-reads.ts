import { Injectable } from '@nestjs/common';
import type { Subject } from '../../kernel/domain-event.js';
import { newId } from '../../kernel/id.js';
import type { Actor } from '../../platform/http/actor.js';
import { eventRow } from '../event-row.js';
import { Installation } from '../installation.js';
import { Recorder } from '../recorder.js';
import { sensitiveValuesRead } from './erasure.events.js';

/** What lets somebody read sensitive and personal values. */
export const READ_SENSITIVE = 'audit:read-sensitive';

/** What somebody is about to be shown in plain. */
export interface SensitiveRead {
  /** Kind of the records: `execution`. */
  readonly of: string;
  readonly ids: readonly string[];
  /** What they are about, when it is one thing. */
  readonly subject?: Subject;
}

/** Reading sensitive values is an event itself, one for each request, durable before anything is shown. */
@Injectable()
export class SensitiveReads {
  constructor(
    private readonly recorder: Recorder,
    private readonly installation: Installation,
  ) {}

  /** @throws unavailable when it cannot be recorded; then nothing may be shown */
  async record(actor: Actor, { of, ids, subject }: SensitiveRead): Promise<void> {
    const id = newId();
    const { type, version } = sensitiveValuesRead;
    const place = {
      epoch: this.installation.epoch,
      source: { type: 'sensitive-read', id },
      streamVersion: 1,
      ordinal: 0,
      id,
    };
    const event = eventRow({ ...actor, subject }, { type, version, payload: { of, ids } }, sensitiveValuesRead, place);
    await this.recorder.record({ event, ruleIds: [] });
  }
}
