import type { EventType } from '../../audit/audit.contract.js';
import type { DomainEvent } from '../../kernel/domain-event.js';
import type { JsonObject } from '../../kernel/json.js';

const about = (type: string, isPublished: boolean, description: string): EventType => ({
  type: `crm.lead-${type}`,
  version: 1,
  isPublished,
  description,
});

/** What happens to leads. Nothing of a contact's person stands in a payload, because nothing leaves the trail. */
export const leadEventTypes: readonly EventType[] = [
  about('created', true, 'A lead came in: source, company and score'),
  about('duplicate-allowed', false, 'A lead was created although others like it are known: their ids'),
  about('changed', false, 'Fields of a lead were changed: their paths, with old and new value unless personal'),
  about('scored', false, 'The score of a lead changed: from, to'),
  about('assigned', true, 'A lead was given to somebody: from, to'),
  about('status-changed', true, 'A lead moved on: from, to'),
  about('deleted', true, 'A lead left the lists'),
];

/** An event of a lead; `what` is its type without `crm.lead-`. */
export const leadEvent = (what: string, payload: JsonObject = {}): DomainEvent => ({
  type: `crm.lead-${what}`,
  version: 1,
  payload,
});
