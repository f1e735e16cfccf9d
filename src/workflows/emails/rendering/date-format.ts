import { LRUCache } from 'lru-cache';

/** What is written unless the template says how: `22 November 2026`. */
const DEFAULT_PATTERN = '%-d %B %Y';
const DIRECTIVE = /%(-?)([A-Za-z%])/g;

interface Moment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly zone: string;
}

type Write = (moment: Moment) => string | number;

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

const weekday = ({ year, month, day }: Moment): string => DAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()]!;
const monthName = ({ month }: Moment): string => MONTHS[month - 1]!;
const twelve = ({ hour }: Moment): number => hour % 12 || 12;

/** The directives of strftime that mails need; a number is the width that it is filled up to. */
const DIRECTIVES: Readonly<Record<string, readonly [Write, number?]>> = {
  Y: [({ year }) => year],
  y: [({ year }) => year % 100, 2],
  m: [({ month }) => month, 2],
  d: [({ day }) => day, 2],
  e: [({ day }) => day],
  H: [({ hour }) => hour, 2],
  I: [twelve, 2],
  l: [twelve],
  M: [({ minute }) => minute, 2],
  S: [({ second }) => second, 2],
  p: [({ hour }) => (hour < 12 ? 'AM' : 'PM')],
  B: [monthName],
  b: [(moment) => monthName(moment).slice(0, 3)],
  A: [weekday],
  a: [(moment) => weekday(moment).slice(0, 3)],
  F: [({ year, month, day }) => `${year}-${padded(month)}-${padded(day)}`],
  T: [({ hour, minute, second }) => [hour, minute, second].map(padded).join(':')],
  R: [({ hour, minute }) => `${padded(hour)}:${padded(minute)}`],
  Z: [({ zone }) => zone],
  '%': [() => '%'],
};

/**
 * A point in time in words: of ISO 8601 text, or seconds since 1970. The same on every machine; in UTC unless a time zone is
 * given. What is no point in time is written as it is.
 * @throws RangeError when there is no such time zone
 */
export function formatDate(value: unknown, pattern: unknown = DEFAULT_PATTERN, timeZone: unknown = 'UTC'): unknown {
  const instant = instantOf(value);
  if (!instant) return value;
  const moment = momentOf(instant, String(timeZone));
  return String(pattern).replace(DIRECTIVE, (whole, bare: string, letter: string) => {
    const directive = DIRECTIVES[letter];
    if (!directive) return whole;
    const [write, width = 0] = directive;
    return String(write(moment)).padStart(bare ? 0 : width, '0');
  });
}

const padded = (number: number): string => String(number).padStart(2, '0');

/** A date without a time is its first moment in UTC; a time without a zone is one in UTC, wherever the server stands. */
function instantOf(value: unknown): Date | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const seconds = typeof value === 'number' || /^\d+$/.test(value) ? Number(value) : undefined;
  const instant = new Date(seconds === undefined ? withZone(value as string) : seconds * 1000);
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}

const withZone = (text: string): string => (/T[\d:.]+$/.test(text) ? `${text}Z` : text);

const formats = new LRUCache<string, Intl.DateTimeFormat>({ max: 100 });

function momentOf(instant: Date, timeZone: string): Moment {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
      timeZoneName: 'short',
    });
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(instant).map((part) => [part.type, part.value]));
  const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type));
  return {
    ...{ year: number('year'), month: number('month'), day: number('day') },
    ...{ hour: number('hour'), minute: number('minute'), second: number('second') },
    zone: parts.get('timeZoneName') ?? timeZone,
  };
}
