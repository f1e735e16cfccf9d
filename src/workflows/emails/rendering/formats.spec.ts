import { describe, expect, it } from '@jest/globals';
import { renderMail } from './render-mail.js';

const render = (text: string, scope = {}) => renderMail({ subject: 's', body: null, text }, scope).text;

describe('a date', () => {
  const at = '2026-03-29T00:30:05Z';

  it.each([
    ['{{ at | date }}', '29 March 2026'],
    ['{{ at | date: "%Y-%m-%d %H:%M:%S %Z" }}', '2026-03-29 00:30:05 UTC'],
    ['{{ at | date: "%d.%m.%Y %H:%M", "Europe/Berlin" }}', '29.03.2026 01:30'],
    ['{{ "2026-03-29T01:00:00Z" | date: "%R", "Europe/Berlin" }}', '03:00'],
    ['{{ at | date: "%A, %-d %b %y, %-l:%M %p", "America/New_York" }}', 'Saturday, 28 Mar 26, 8:30 PM'],
    ['{{ at | date: "%a %B %e %I %T %F %% %Q" }}', 'Sun March 29 12 00:30:05 2026-03-29 % %Q'],
    ['{{ 0 | date: "%F %T" }} {{ "86400" | date: "%F" }}', '1970-01-01 00:00:00 1970-01-02'],
    ['{{ "2026-02-01" | date: "%F %R" }} {{ "2026-02-01T10:00:00" | date: "%R" }}', '2026-02-01 00:00 10:00'],
    ['{{ "soon" | date }}{{ missing | date }}', 'soon'],
  ])('%s gives %s', (template, expected) => expect(render(template, { at })).toBe(expected));
});

describe('an amount', () => {
  it.each([
    ['{{ "1234.50" | money: "EUR" }}', '€1,234.50'],
    ['{{ 1234.5 | money: "EUR", "de" }}', '1.234,50\u00a0€'],
    ['{{ "12345678901234567.89" | money: "USD" }}', '$12,345,678,901,234,567.89'],
    ['{{ "free" | money: "EUR" }}{{ missing | money: "EUR" }}', 'free'],
  ])('%s gives %s', (template, expected) => expect(render(template)).toBe(expected));

  it.each([
    '{{ 1 | money: "EU" }}',
    '{{ 1 | money }}',
    '{{ 1 | money: "EUR", "no language" }}',
    '{{ 0 | date: "%F", "Mars/Base" }}',
  ])('%s is refused', (template) =>
    expect(() => render(template)).toThrow(expect.objectContaining({ code: 'unrenderable-template' })),
  );
});
