import type { DomainEvent } from '../../kernel/domain-event.js';
import type { Failure } from '../../platform/queue/failure.js';
import type { EventType } from '../event-types.js';

/** What the delivery of events tells of itself. */
export const reactionEventTypes: readonly EventType[] = [
  {
    type: 'audit.reaction-given-up',
    version: 1,
    isPublished: false,
    description: 'A reaction failed on an event for good: reaction, event, number of attempts, code and message.',
  },
  {
    type: 'audit.chain-too-deep',
    version: 1,
    isPublished: false,
    description: 'A reaction left an event alone because too many causes lie before it: reaction, event, depth.',
  },
];

export const reactionGivenUp = (
  reaction: string,
  eventId: string,
  failure: Failure & { readonly attempts: number },
): DomainEvent => ({
  type: 'audit.reaction-given-up',
  version: 1,
  payload: { reaction, eventId, attempts: failure.attempts, code: failure.code, message: failure.message },
});

export const chainTooDeep = (reaction: string, eventId: string, depth: number): DomainEvent => ({
  type: 'audit.chain-too-deep',
  version: 1,
  payload: { reaction, eventId, depth },
});
