import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../../kernel/id.js';
import { EventTypes } from '../event-types.js';
import { readReactionJob, reactionJobs, type Delivery } from './reaction-jobs.js';
import { Reactions, type Reaction } from './reactions.js';

const reactionTo = (name: string, ...eventTypes: readonly string[]): Reaction => ({
  name,
  eventTypes,
  handle: () => Promise.resolve(),
});

describe('Reactions', () => {
  const eventTypes = new EventTypes();
  eventTypes.register([
    { type: 'crm.lead-created', version: 1, isPublished: true, description: 'A lead was created.' },
    { type: 'crm.lead-viewed', version: 1, isPublished: false, description: 'A lead was looked at.' },
  ]);
  const check = (...types: readonly string[]): void => {
    const reactions = new Reactions();
    reactions.register(reactionTo('greet-lead', ...types));
    reactions.check(eventTypes);
  };

  it('may wait only for published events that somebody declares', () => {
    expect(() => check('crm.lead-created')).not.toThrow();
    expect(() => check('crm.lead-created', 'crm.lead-viewed')).toThrow('crm.lead-viewed, which is not published');
    expect(() => check('crm.lead-lost')).toThrow('crm.lead-lost is declared by no contract');
  });

  it('have one owner each', () => {
    const reactions = new Reactions();
    reactions.register(reactionTo('greet-lead'));
    expect(() => reactions.register(reactionTo('greet-lead'))).toThrow('registered twice');
    expect(() => reactions.get('ignore-lead')).toThrow('not part of this build');
  });
});

describe('reactionJobs', () => {
  const [one, other] = [newId(), newId()];
  const delivery = fc.record({
    reaction: fc.constantFrom('greet-lead', 'score-lead'),
    organizationId: fc.constantFrom(one, other),
    eventId: fc.uuid({ version: 7 }),
  });

  it('brings every delivery, in order, in jobs of one organization and one reaction', () => {
    fc.assert(
      fc.property(fc.array(delivery, { maxLength: 500 }), (deliveries) => {
        const jobs = reactionJobs(deliveries).map(({ data }) => readReactionJob(data));
        for (const job of jobs) expect(job.eventIds.length).toBeLessThanOrEqual(100);
        const brought = jobs.flatMap(({ eventIds, ...to }) => eventIds.map((eventId) => ({ ...to, eventId })));
        const sameAs = (all: readonly Delivery[]): Delivery[][] =>
          [one, other].flatMap((organizationId) =>
            ['greet-lead', 'score-lead'].map((reaction) =>
              all.filter((candidate) => candidate.organizationId === organizationId && candidate.reaction === reaction),
            ),
          );
        expect(sameAs(brought)).toEqual(sameAs(deliveries));
      }),
      { numRuns: 50 },
    );
  });

  it('refuses what is no job', () => {
    const job = { organizationId: newId(), reaction: 'greet-lead', eventIds: [newId()] };
    expect(readReactionJob(job)).toEqual(job);
    for (const wrong of [
      {},
      { ...job, organizationId: "' or true" },
      { ...job, eventIds: [1] },
      { ...job, reaction: 1 },
    ]) {
      expect(() => readReactionJob(wrong)).toThrow('names no organization');
    }
  });
});
