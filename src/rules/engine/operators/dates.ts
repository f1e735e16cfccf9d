import type { JsonValue } from '../../../kernel/json.js';
import { EvaluationError } from '../evaluation-error.js';
import type { OperatorTable } from '../expression.js';
import { kindOf, toNumber } from '../values.js';
import { eager } from './operands.js';

const DAY_MS = 86_400_000;
const ISO = /^(\d{4}-\d{2}-(\d{2}))(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?$/;

const invalidDate = (value: JsonValue): EvaluationError =>
  new EvaluationError('invalid-date', `A date of ISO 8601 is needed here, not ${kindOf(value)} that is none.`);

/** Reads ISO 8601; without an offset it is UTC, never the machine's zone. @throws EvaluationError `invalid-date`. */
function readDate(value: JsonValue): Date {
  const parts = typeof value === 'string' ? ISO.exec(value) : null;
  if (!parts) throw invalidDate(value);
  const [, day, dayOfMonth, time = '00:00', offset = 'Z'] = parts;
  const date = new Date(`${day}T${time}${offset}`);
  const isRealDay = new Date(`${day}T00:00Z`).getUTCDate() === Number(dayOfMonth);
  if (Number.isNaN(date.getTime()) || !isRealDay) throw invalidDate(value);
  return date;
}

/** Moves by whole months; a day that the month has not becomes its last day. */
function addMonths(date: Date, months: number): Date {
  const moved = new Date(date);
  moved.setUTCDate(1);
  moved.setUTCMonth(moved.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0)).getUTCDate();
  moved.setUTCDate(Math.min(date.getUTCDate(), lastDay));
  return moved;
}

const byMilliseconds = (unitMs: number) => (date: Date, amount: number) => new Date(date.getTime() + amount * unitMs);

const units: ReadonlyMap<string, (date: Date, amount: number) => Date> = new Map([
  ['seconds', byMilliseconds(1000)],
  ['minutes', byMilliseconds(60_000)],
  ['hours', byMilliseconds(3_600_000)],
  ['days', byMilliseconds(DAY_MS)],
  ['weeks', byMilliseconds(7 * DAY_MS)],
  ['months', (date, amount) => addMonths(date, Math.trunc(amount))],
  ['years', (date, amount) => addMonths(date, 12 * Math.trunc(amount))],
]);

function addToDate(value: JsonValue, amount: JsonValue, unit: JsonValue): string {
  const add = typeof unit === 'string' ? units.get(unit) : undefined;
  if (!add) {
    throw new EvaluationError('invalid-unit', `The unit of date_add is one of ${[...units.keys()].join(', ')}.`);
  }
  const moved = add(readDate(value), toNumber(amount));
  if (Number.isNaN(moved.getTime())) throw invalidDate(value);
  return moved.toISOString();
}

/**
 * Dates, all in UTC. `now`: the frozen clock. `days_between` [from, to]: whole days, negative when `to` is earlier.
 * `date_add` [date, amount, unit]: ISO 8601 with milliseconds.
 */
export const dateOperators: OperatorTable = {
  now: {
    arity: [0, 0],
    build: () => (scope) => scope.facts.now,
  },
  days_between: eager([2, 2], ([from, to]) => {
    const elapsedMs = readDate(to ?? null).getTime() - readDate(from ?? null).getTime();
    return Math.trunc(elapsedMs / DAY_MS) + 0;
  }),
  date_add: eager([3, 3], ([date, amount, unit]) => addToDate(date ?? null, amount ?? null, unit ?? null)),
};
