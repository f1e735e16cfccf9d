const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** Whether a value is an ISO 8601 date and time with zone that exists in the calendar, from the year 1 on as the database has it. */
export function isInstant(value: unknown): value is string {
  const match = typeof value === 'string' ? INSTANT.exec(value) : null;
  if (!match) return false;
  const [year, month, day] = match.slice(1, 4).map(Number) as [number, number, number];
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

const daysIn = (year: number, month: number): number => {
  const lastDay = new Date(0);
  lastDay.setUTCFullYear(year, month, 0);
  return lastDay.getUTCDate();
};

/** Whether a value is a decimal text or a number with at most 2 decimals and 13 digits before them. */
export function isMoney(value: unknown, isNegativeAllowed: boolean): value is string | number {
  if (typeof value !== 'string' && typeof value !== 'number') return false;
  const text = String(value);
  return /^-?\d{1,13}(\.\d{1,2})?$/.test(text) && (isNegativeAllowed || !text.startsWith('-'));
}
