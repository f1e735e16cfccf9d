import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BEGINNING, formatPlace, parsePlace, type EventPlace } from './event-place.js';
import { executionStream, type Follower } from './execution-stream.js';
import type { EventReading } from './transition-events.js';

const followed = { organizationId: 'organization', executionId: 'execution' };

const isAfter = (one: EventPlace, other: EventPlace): boolean =>
  one.streamVersion === other.streamVersion ? one.ordinal > other.ordinal : one.streamVersion > other.streamVersion;

/** An execution that moves on by one transition whenever somebody waits for it; each tells so many events. */
class MovingExecution {
  private written = 1;

  constructor(
    private readonly transitions: readonly number[],
    private readonly pageSize: number,
  ) {}

  after(place: EventPlace): EventReading {
    const visible = this.places().filter(({ streamVersion }) => streamVersion <= this.written);
    const events = visible.filter((other) => isAfter(other, place)).slice(0, this.pageSize);
    return {
      events: events.map((each) => ({ place: each, frame: formatPlace(each) })),
      isFull: events.length === this.pageSize,
      version: this.written,
      status: 'completed',
      hasEnded: this.written >= this.transitions.length,
    };
  }

  moved(seenVersion: number): boolean {
    if (seenVersion === this.written) this.written += 1;
    return seenVersion !== this.written;
  }

  places(): EventPlace[] {
    return this.transitions.flatMap((count, index) =>
      Array.from({ length: count }, (_, ordinal) => ({ streamVersion: index + 1, ordinal })),
    );
  }
}

const streamOf = (execution: MovingExecution, after: EventPlace, mayGoOn = true): AsyncGenerator<string> => {
  const follower: Follower = {
    followed,
    after,
    first: execution.after(after),
    mayGoOn: () => Promise.resolve(mayGoOn),
    signal: new AbortController().signal,
  };
  const watch = { moved: (_id: string, seen: number) => Promise.resolve(execution.moved(seen)) };
  const events = { after: (_: unknown, place: EventPlace) => Promise.resolve(execution.after(place)) };
  return executionStream({ events, watch, beatEveryMs: 60_000 }, follower);
};

describe('a stream of transitions', () => {
  it('tells each event once and in order, however often its client comes back, and then the end', async () => {
    const transitions = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 12 });
    const patience = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(transitions, patience, fc.integer({ min: 1, max: 5 }), async (counts, cuts, pageSize) => {
        const execution = new MovingExecution(counts, pageSize);
        const seen: string[] = [];
        let isOver = false;
        for (const cut of [...cuts, Infinity]) {
          let left = cut;
          for await (const frame of streamOf(execution, parsePlace(seen.at(-1), 'x'))) {
            if (frame.includes('event: end')) isOver = true;
            else if (!frame.startsWith('retry')) seen.push(frame);
            if (--left === 0) break;
          }
          if (isOver) break;
        }
        expect(isOver).toBe(true);
        expect(seen).toEqual(execution.places().map(formatPlace));
      }),
    );
  });

  it('gives signs of life, and ends at the first at which its client may see it no more', async () => {
    let beats = 0;
    const still: EventReading = { events: [], isFull: false, version: 1, status: 'waiting', hasEnded: false };
    const follower: Follower = {
      followed,
      after: BEGINNING,
      first: still,
      mayGoOn: () => Promise.resolve((beats += 1) < 3),
      signal: new AbortController().signal,
    };
    const moved = async (_id: string, _seen: number, { atMostMs }: { atMostMs: number }): Promise<boolean> => {
      await new Promise((resolve) => setTimeout(resolve, atMostMs));
      return false;
    };
    const events = { after: () => Promise.reject(new Error('Nothing has moved, so nothing is read.')) };
    const frames: string[] = [];
    for await (const frame of executionStream({ events, watch: { moved }, beatEveryMs: 10 }, follower)) {
      frames.push(frame);
    }
    expect(frames.slice(1)).toEqual([': still here\n\n', ': still here\n\n']);
  });
});

describe('the place of an event', () => {
  it('comes back as it went', () => {
    const place = fc.record({ streamVersion: fc.nat(2_147_483_647), ordinal: fc.nat(32_767) });
    fc.assert(fc.property(place, (each) => expect(parsePlace(formatPlace(each), 'x')).toEqual(each)));
  });

  it.each(['2147483648.0', '1.32768', '1', '.', '1.', ' 1.0', '1.0 ', '1,0', '0x1.0'])('is not %j', (text) => {
    expect(() => parsePlace(text, 'lastEventId')).toThrow(expect.objectContaining({ code: 'bad-cursor' }));
  });
});
