import { Injectable } from '@nestjs/common';
import {
  type DataKey,
  encryptedValue,
  organizationAsSubject,
  subjectName,
  SubjectKeys,
} from '../../audit/audit.contract.js';
import type { DomainEvent, Subject } from '../../kernel/domain-event.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { Decided } from './decider.js';
import { type DecisionRecord, plainPayload, recordEvent } from './decision-record.js';
import { sealPayload } from './sealed-payload.js';

/** Keys by the name of their subject; undefined where an entry point hides nothing. */
export type SealingKeys = ReadonlyMap<string, DataKey> | undefined;

/** Makes the events of decisions: the one place where hidden values are sealed on their way into the trail. */
@Injectable()
export class DecisionSealing {
  constructor(private readonly subjectKeys: SubjectKeys) {}

  /**
   * Fetches or makes the keys that decisions about these subjects are sealed with, the organization's for one that is
   * about none. Runs outside of the transaction that the caller may be in.
   * @throws unavailable when a key cannot be opened
   */
  async keysFor(organizationId: string, subjects: readonly (Subject | undefined)[]): Promise<SealingKeys> {
    const organization = organizationAsSubject(organizationId);
    const owners = subjects.map((subject) => subject ?? organization);
    const keys = new Map(await this.subjectKeys.inUse(organizationId, owners));
    const own = keys.get(subjectName(organization));
    return own ? keys.set(WITHOUT_SUBJECT, own) : keys;
  }

  /** The event of a decision as it is recorded. @throws Error when what it hides comes without its key */
  event({ record, ruleSet, entryPoint: { hidden } }: Decided, keys: SealingKeys): DomainEvent {
    const { executionId } = record;
    const payload = plainPayload(record);
    if (!hidden) return recordEvent(executionId, payload);
    const subject = subjectOf(record);
    const key = keys?.get(subject ? subjectName(subject) : WITHOUT_SUBJECT);
    if (!key) throw new Error(`The decision ${executionId} is to be sealed, and its key was not fetched.`);
    const sealing = {
      hidden,
      actionsOf: (ruleId: string) => ruleSet.definitions.get(ruleId)?.actions,
      seal: (value: JsonValue): JsonObject => encryptedValue(key, value, executionId),
    };
    return recordEvent(executionId, sealPayload(payload, record, sealing));
  }
}

const WITHOUT_SUBJECT = '';

/** What a decision was about, if anything. */
export const subjectOf = ({ facts: { entity, entityId } }: Pick<DecisionRecord, 'facts'>): Subject | undefined =>
  entity === undefined || entityId === undefined ? undefined : { type: entity, id: entityId };
