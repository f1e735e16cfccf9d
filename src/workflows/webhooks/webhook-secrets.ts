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

/** Whose secret it is. */
interface Owner {
  readonly organizationId: string;
  readonly endpointId: string;
}

/** Encrypts the secrets of endpoints with the organization's key, each for its endpoint alone. */
@Injectable()
export class WebhookSecrets {
  constructor(private readonly keys: SubjectKeys) {}

  /** To be called outside of a unit of work: the first secret of an organization makes its key. @throws unavailable */
  async seal({ organizationId, endpointId }: Owner, secret: string): Promise<JsonObject> {
    const organization = organizationAsSubject(organizationId);
    const keys = await this.keys.inUse(organizationId, [organization]);
    return encryptedValue(keys.get(subjectName(organization))!, secret, boundTo(endpointId));
  }

  /** @throws unavailable `webhook-secret-unreadable` when its key is destroyed, or not configured here */
  async open({ organizationId, endpointId }: Owner, sealed: JsonObject): Promise<string> {
    const states = await this.keys.byId(organizationId, [...keyIdsIn(sealed)]);
    const keyOf = (id: string): DataKey => {
      const state = states.get(id);
      if (typeof state === 'object') return state;
      const message = `The secret of the webhook endpoint ${endpointId} cannot be opened: its key is ${state}; rotate it.`;
      throw unavailable('webhook-secret-unreadable', message);
    };
    return decryptAll(sealed, keyOf, boundTo(endpointId)) as string;
  }
}

const boundTo = (endpointId: string): string => `webhook-endpoint ${endpointId}`;
