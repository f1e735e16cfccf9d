import { isId } from '../../kernel/id.js';
import { malformed } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';
import type { QueuedJob } from '../../platform/queue/queues.js';

/** The name of the jobs of all reactions, on the queue `reactions`. */
export const REACTION_JOB = 'react';

const MAX_EVENTS = 100;

/** An event that one reaction is to handle. */
export interface Delivery {
  readonly reaction: string;
  readonly organizationId: string;
  readonly eventId: string;
}

/** What a job says: ids only; everything else is read anew when it runs. */
export interface ReactionJob {
  readonly organizationId: string;
  readonly reaction: string;
  readonly eventIds: readonly string[];
}

/**
 * Puts deliveries of the same reaction and organization into jobs of at most 100, in their order. The id of a job is
 * its first event's: the same one added again while it waits is left out.
 */
export function reactionJobs(deliveries: readonly Delivery[]): QueuedJob[] {
  const groups = Map.groupBy(deliveries, ({ reaction, organizationId }) => `${organizationId} ${reaction}`);
  return [...groups.values()].flatMap((group) => {
    const { reaction, organizationId } = group[0]!;
    const eventIds = group.map(({ eventId }) => eventId);
    return slices(eventIds).map((ids) => ({
      name: REACTION_JOB,
      data: { organizationId, reaction, eventIds: ids },
      jobId: `${reaction}-${ids[0]!}`,
    }));
  });
}

/** @throws malformed `malformed-job` */
export function readReactionJob({ organizationId, reaction, eventIds }: JsonObject): ReactionJob {
  const isRight =
    isIdValue(organizationId) && typeof reaction === 'string' && Array.isArray(eventIds) && eventIds.every(isIdValue);
  if (!isRight) throw malformed('malformed-job', 'The job of a reaction names no organization, reaction and events.');
  return { organizationId, reaction, eventIds: eventIds };
}

const isIdValue = (value: unknown): value is string => typeof value === 'string' && isId(value);

function slices(ids: readonly string[]): string[][] {
  const all: string[][] = [];
  for (let start = 0; start < ids.length; start += MAX_EVENTS) all.push(ids.slice(start, start + MAX_EVENTS));
  return all;
}
