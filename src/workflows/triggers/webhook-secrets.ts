import { Injectable } from '@nestjs/common';
import {
  type DataKey,
  decryptAll,
  encryptedValue,
  keyIdsIn,
  organizationAsSubject,
  subjectName,
  SubjectKeys,
} from '../../audit/audit.contract.js';
import { unavailable } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';

/** Secrets as they are stored: encrypted with the organization's key, each for one webhook alone. */
@Injectable()
export class WebhookSecrets {
  constructor(private readonly subjectKeys: SubjectKeys) {}

  /** What is stored for a secret. To be called outside of a transaction: a key that is missing is made in one of its own. */
  async seal(organizationId: string, webhookId: string, secret: string): Promise<JsonObject> {
    const subject = organizationAsSubject(organizationId);
    const keys = await this.subjectKeys.inUse(organizationId, [subject]);
    return encryptedValue(keys.get(subjectName(subject))!, secret, webhookId);
  }

  /** @throws unavailable `webhook-secret-unreadable` when its key was destroyed or is not configured */
  async open(organizationId: string, webhookId: string, sealed: JsonObject): Promise<string> {
    const states = await this.subjectKeys.byId(organizationId, [...keyIdsIn(sealed)]);
    const keyOf = (id: string): DataKey => {
      const state = states.get(id);
      if (typeof state === 'object') return state;
      const message = 'The secret of this webhook cannot be opened any more; make a new one for its workflow.';
      throw unavailable('webhook-secret-unreadable', message);
    };
    return decryptAll(sealed, keyOf, webhookId) as string;
  }
}
