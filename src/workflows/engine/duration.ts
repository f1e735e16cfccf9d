import { invalid } from '../../kernel/domain-error.js';
import { instantOf } from './time-zone.js';

const DAY_MS = 86_400_000;
const TEN_YEARS_MS = 3652.5 * DAY_MS;
const MONTH_MS = TEN_YEARS_MS / 120;
const NUMBER = '(\\d{1,12}(?:[.,]\\d{1,3})?)';
const ISO_8601 = new RegExp(
  `^P(?=\\d|T\\d)(?:${NUMBER}Y)?(?:${NUMBER}M)?(?:${NUMBER}W)?(?:${NUMBER}D)?(?:T(?=\\d)(?:${NUMBER}H)?(?:${NUMBER}M)?(?:${NUMBER}S)?)?$`,
);
const UNIT_MS = [7 * DAY_MS, DAY_MS, 3_600_000, 60_000, 1000] as const;
const INSTANT = /^(\d{4})-(\d\d)-(\d\d)(?:(T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/;

/** A span of time: calendar months, whose length depends on the start, and milliseconds. */
export interface Duration {
  readonly months: number;
  readonly milliseconds: number;
}

/**
 * Reads a number of days, or an ISO 8601 duration such as `P2D`, `PT90S` or `P1M` (a decimal in its last component only,
 * to three places; not in years and months).
 * Longer than nothing and at most 10 years (3,652.5 days; a month counts as a twelfth of 365.25 days).
 * @throws DomainError `invalid-duration`
 */
export const parseDuration = (value: unknown): Duration => {
  const duration =
    typeof value === 'number' ? { months: 0, milliseconds: Math.round(value * DAY_MS) } : parseIso(value);
  const nominal = duration && duration.months * MONTH_MS + duration.milliseconds;
  if (!duration || !nominal || !(nominal > 0 && nominal <= TEN_YEARS_MS)) throw invalidDuration(value);
  return duration;
};

/** The instant one duration after `from`, in UTC; the 31st plus a month is the last day of a shorter month. */
export const addDuration = (from: Date, duration: Duration): Date => {
  const firstOfMonth = new Date(from);
  firstOfMonth.setUTCDate(1);
  firstOfMonth.setUTCMonth(from.getUTCMonth() + duration.months);
  const lastDay = new Date(Date.UTC(firstOfMonth.getUTCFullYear(), firstOfMonth.getUTCMonth() + 1, 0)).getUTCDate();
  firstOfMonth.setUTCDate(Math.min(from.getUTCDate(), lastDay));
  return new Date(firstOfMonth.getTime() + duration.milliseconds);
};

/**
 * Reads a date (`2026-12-01`, its midnight), or a date and time with its zone (`2026-12-01T09:00:00+01:00`) or without
 * one; `timeZone`, an IANA name, is that of whatever has none.
 * @throws DomainError `invalid-instant`
 */
export const parseInstant = (value: unknown, timeZone?: string): Date => {
  const match = typeof value === 'string' ? INSTANT.exec(value) : null;
  const instant = match ? instantAt(match, timeZone) : Number.NaN;
  if (!Number.isNaN(instant)) return new Date(instant);
  throw invalid(
    'invalid-instant',
    `${shown(value)} is no instant. Write a date, or date and time with zone: 2026-12-01T09:00:00Z.`,
  );
};

const instantAt = ([text = '', year, month, day, time, zone]: RegExpExecArray, timeZone?: string): number => {
  const isDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  if (!isDay) return Number.NaN;
  if (zone) return Date.parse(text);
  if (time && timeZone === undefined) return Number.NaN;
  const wallClock = Date.parse(time ? `${text}Z` : text);
  return Number.isNaN(wallClock) ? wallClock : instantOf(wallClock, timeZone ?? 'UTC');
};

/**
 * Milliseconds from `now` to `until`; 0 when it has passed.
 * @throws DomainError `invalid-duration` beyond 10 years
 */
export const millisecondsUntil = (until: Date, now: Date): number => {
  const milliseconds = until.getTime() - now.getTime();
  if (milliseconds > TEN_YEARS_MS) throw invalidDuration(until.toISOString());
  return Math.max(0, milliseconds);
};

const parseIso = (value: unknown): Duration | undefined => {
  const match = typeof value === 'string' ? ISO_8601.exec(value) : null;
  if (!match) return undefined;
  const components = match.slice(1);
  const given = components.filter((component) => component !== undefined);
  if (given.slice(0, -1).some(isDecimal) || components.slice(0, 2).some(isDecimal)) return undefined;
  const [years = 0, months = 0, ...rest] = components.map((component) => Number((component ?? '0').replace(',', '.')));
  const milliseconds = rest.reduce((sum, count, unit) => sum + count * (UNIT_MS[unit] ?? 0), 0);
  return { months: years * 12 + months, milliseconds: Math.round(milliseconds) };
};

const isDecimal = (component: string | undefined): boolean => /[.,]/.test(component ?? '');

const shown = (value: unknown): string => JSON.stringify(value) ?? 'nothing';

const invalidDuration = (value: unknown) =>
  invalid(
    'invalid-duration',
    `${shown(value)} is no duration. Write a number of days or ISO 8601 (P2D, PT90S, P1M), more than 0 and at most 10 years.`,
  );
