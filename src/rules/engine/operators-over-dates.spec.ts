import { describe } from '@jest/globals';
import { answers, failures } from '../../../test/support/operator-cases.js';

const noDate = 'A date of ISO 8601 is needed here, not a text that is none.';

describe('dates', () => {
  answers([
    [{ date_add: ['2026-03-01', 90, 'seconds'] }, null, '2026-03-01T00:01:30.000Z'],
    [{ date_add: ['2026-03-01', 2, 'minutes'] }, null, '2026-03-01T00:02:00.000Z'],
    [{ date_add: ['2026-03-01', -1, 'hours'] }, null, '2026-02-28T23:00:00.000Z'],
    [{ date_add: ['2026-03-01', 0.5, 'days'] }, null, '2026-03-01T12:00:00.000Z'],
    [{ date_add: ['2026-03-01', 1, 'weeks'] }, null, '2026-03-08T00:00:00.000Z'],
    [{ date_add: ['2026-01-31', -2, 'months'] }, null, '2025-11-30T00:00:00.000Z'],
    [{ date_add: ['2026-03-15T10:20:30.5Z', 1.9, 'months'] }, null, '2026-04-15T10:20:30.500Z'],
    [{ date_add: ['2026-03-15', '2', 'years'] }, null, '2028-03-15T00:00:00.000Z'],
    [{ date_add: ['2026-03-01T10:00+05:30', 0, 'days'] }, null, '2026-03-01T04:30:00.000Z'],
    [{ date_add: ['2026-03-01T10:00:01-01:00', 0, 'days'] }, null, '2026-03-01T11:00:01.000Z'],
    [{ date_add: ['2026-03-01T10:00:00.123456789', 0, 'days'] }, null, '2026-03-01T10:00:00.123Z'],
    [{ days_between: ['2026-03-01T12:00:00Z', '2026-03-01'] }, null, 0],
    [{ days_between: ['2026-03-01', { now: [] }] }, null, 0],
    [{ days_between: ['2026-02-28', { now: [] }] }, null, 1],
  ]);

  failures([
    ...['x2026-01-01', '2026-01-01x', '2026-01-01T10', '2026-01-01T1:00', '2026-1-01', '26-01-01', '2026-02-29']
      .concat('2026-01-01T10:00+5:30', '2026-01-01T25:00', '2026-01-01T10:00:00.Z', '2026-01-01T10:00:00.1234567890Z')
      .concat('2026-01-01T10:00:0Z', '2026-01-01T', '2026-01-01Z')
      .map((date) => [{ days_between: [date, '2026-01-01'] }, null, 'invalid-date', noDate] as const),
    [
      { days_between: ['2026-01-01'] },
      null,
      'invalid-date',
      'A date of ISO 8601 is needed here, not null that is none.',
    ],
    [
      { days_between: [['2026-01-01'], '2026-01-01'] },
      null,
      'invalid-date',
      'A date of ISO 8601 is needed here, not a list that is none.',
    ],
    [{ days_between: [] }, null, 'invalid-date', 'A date of ISO 8601 is needed here, not null that is none.'],
    [{ date_add: ['2026-01-01', 1e9, 'years'] }, null, 'invalid-date', noDate],
    ...['fortnights', 'toString', null].map(
      (unit) =>
        [
          { date_add: ['2026-01-01', 1, unit] },
          null,
          'invalid-unit',
          'The unit of date_add is one of seconds, minutes, hours, days, weeks, months, years.',
        ] as const,
    ),
    [{ date_add: ['2026-01-01', 'x', 'days'] }, null, 'not-a-number', 'A number is needed here, not a text.'],
  ]);
});

describe('decimals', () => {
  const compare = (a: string | number, b: string | number, answer: number) =>
    [{ decimal_compare: [a, b] }, null, answer] as const;
  answers([
    compare('+1.5', 1.5, 0),
    compare('1e3', 1000, 0),
    compare('1E+2', 100, 0),
    compare('1e-2', '0.01', 0),
    compare('25e-1', '2.5', 0),
    compare('-0', 0, 0),
    compare('-1', 1, -1),
    compare('1.10', '1.09', 1),
    compare('1.25', '12.5', -1),
    compare('100', '2e1', 1),
    compare('1e100', '1e101', -1),
    compare('9'.repeat(400), `1${'0'.repeat(399)}`, 1),
    compare(`0.${'0'.repeat(399)}1`, 0, 1),
  ]);

  const noDecimal = 'A decimal number is needed here, not a text that is none.';
  failures([
    ...['x1', '1x', '1e', '.5', '1.', '1e1000', '--1', '9'.repeat(401), `0.${'0'.repeat(401)}`].map(
      (text) => [{ decimal_compare: [text, 1] }, null, 'not-a-number', noDecimal] as const,
    ),
    [{ decimal_compare: [1] }, null, 'not-a-number', 'A decimal number is needed here, not null that is none.'],
    [
      { decimal_compare: [['1'], 1] },
      null,
      'not-a-number',
      'A decimal number is needed here, not a list that is none.',
    ],
    [
      { decimal_compare: [true, 1] },
      null,
      'not-a-number',
      'A decimal number is needed here, not true or false that is none.',
    ],
  ]);
});
