import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextFiring } from './cron.js';
import { type DueFirings, dueFirings, type MissedPolicy } from './due-firings.js';

const hourly = (missed: MissedPolicy) => ({ cron: '0 * * * *', timeZone: 'UTC', missed });
const at = (text: string): Date => new Date(`2026-11-26T${text}Z`);
const told = ({ firings, passedOver, nextAt }: DueFirings) => ({
  firings: firings.map(timeOf),
  ...(passedOver && { passedOver: `${timeOf(passedOver.first)}-${timeOf(passedOver.last)}` }),
  nextAt: nextAt && timeOf(nextAt),
});
const timeOf = (date: Date): string => date.toISOString().slice(11, 16);

describe('a look at a schedule', () => {
  it.each<MissedPolicy>(['skip', 'once', 'all'])('does what is due, with missed: %s', (missed) => {
    expect(told(dueFirings(hourly(missed), at('09:00:00'), at('09:00:59')))).toEqual({
      firings: ['09:00'],
      nextAt: '10:00',
    });
  });

  it('after hours without anybody does none, one for all, or each', () => {
    const [dueAt, now] = [at('09:00:00'), at('12:30:00')];
    const passedOver = '09:00-12:00';
    expect(told(dueFirings(hourly('skip'), dueAt, now))).toEqual({ firings: [], passedOver, nextAt: '13:00' });
    expect(told(dueFirings(hourly('once'), dueAt, now))).toEqual({ firings: ['12:00'], passedOver, nextAt: '13:00' });
    expect(told(dueFirings(hourly('all'), dueAt, now))).toEqual({
      firings: ['09:00', '10:00', '11:00', '12:00'],
      nextAt: '13:00',
    });
  });

  it('lets the one that is on time stand for those that were missed', () => {
    const [dueAt, now] = [at('09:00:00'), at('11:00:30')];
    const due = { firings: ['11:00'], passedOver: '09:00-10:00', nextAt: '12:00' };
    expect(told(dueFirings(hourly('once'), dueAt, now))).toEqual(due);
    expect(told(dueFirings(hourly('skip'), dueAt, now))).toEqual(due);
  });

  it('passes nothing over when one was missed and is made up for', () => {
    expect(told(dueFirings(hourly('once'), at('09:00:00'), at('09:30:00')))).toEqual({
      firings: ['09:00'],
      nextAt: '10:00',
    });
  });

  it('catches up a hundred at a time, and is due again at once', () => {
    const minutely = { cron: '* * * * *', timeZone: 'UTC', missed: 'all' } as const;
    const first = dueFirings(minutely, at('00:00:00'), at('03:00:00'));
    expect([first.firings.length, timeOf(first.firings[99]!), timeOf(first.nextAt!)]).toEqual([100, '01:39', '01:40']);
    const second = dueFirings(minutely, first.nextAt!, at('03:00:00'));
    expect([second.firings.length, timeOf(second.nextAt!)]).toEqual([81, '03:01']);
  });

  it('finds the last of a year of seconds at once', () => {
    const secondly = { cron: '* * * * * *', timeZone: 'Europe/Berlin', missed: 'once' } as const;
    const due = dueFirings(secondly, new Date('2025-11-26T09:00:00Z'), at('09:00:00'));
    expect(due.firings).toHaveLength(61);
    expect(due.passedOver!.last).toEqual(at('08:58:59'));
  });

  it('is what a walk over every firing gives', () => {
    const crons = ['0 * * * *', '*/7 * * * *', '30 2 * * *', '15,45 1-3 * * *'];
    const start = Date.UTC(2026, 9, 20);
    fc.assert(
      fc.property(
        fc.record({
          cron: fc.constantFrom(...crons),
          timeZone: fc.constantFrom('Europe/Berlin', 'Australia/Lord_Howe'),
          missed: fc.constantFrom('skip' as const, 'once' as const),
        }),
        fc.integer({ min: 0, max: 10 * 86_400 }),
        fc.integer({ min: 0, max: 200_000 }),
        (schedule, from, away) => {
          const dueAt = nextFiring(schedule, new Date(start + from * 1000))!;
          const now = new Date(dueAt.getTime() + away * 1000);
          const all: Date[] = [];
          let next: Date | undefined = dueAt;
          for (; next && next <= now; next = nextFiring(schedule, next)) all.push(next);
          const onTime = all.filter((firing) => now.getTime() - firing.getTime() <= 60_000);
          const made = schedule.missed === 'once' && onTime.length === 0 ? all.slice(-1) : onTime;
          const due = dueFirings(schedule, dueAt, now);
          expect([due.firings, due.nextAt]).toEqual([made, next]);
        },
      ),
      { numRuns: 200 },
    );
  });
});
