import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { leadBodyOf, plainlyChecked } from './row-form.js';

const usual: JsonObject = {
  source: 'api',
  company: { name: 'Bistro' },
  contact: { firstName: 'Ann', lastName: 'Lee', email: 'ann@bistro.example' },
};
const fields = {
  '': ['source', 'sourceDetail', 'status', 'score', 'requirements', 'assigneeId', 'company', 'contact', 'toString'],
  company: ['name', 'industry', 'size', 'website', 'annualRevenue', 'toString'],
  contact: ['firstName', 'lastName', 'title', 'email', 'phone', 'toString'],
};
const paths = Object.entries(fields).flatMap(([group, names]) => names.map((name) => [group, name] as const));
const lengths = [1, 50, 51, 100, 101, 254, 255, 256, 300].map((length) => 'x'.repeat(length));
const oddities: readonly JsonValue[] = [
  ...[null, true, {}, [], { a: 1 }, 0, 7, 100, 101, -1, 1.5, 12.345, 1e13, 1e15, '', ' ', '\n', ...lengths],
  ...['website', 'radio', 'large', 'new', '12.50', '1e3', 'https://bistro.example', '😀'.repeat(60), '0'.repeat(20)],
  ...['a@b.de', 'a..b@c.de', '.a@b.de', 'a.@b.de', 'a+b@c.museum', 'ä@b.de', 'a@b', 'a@b_c.de', 'A@B.CO.UK', 'a@-b.de'],
];

const outcomeOf = (work: () => object): unknown => {
  try {
    return JSON.parse(JSON.stringify(work()));
  } catch (error) {
    return (error as { details?: unknown }).details;
  }
};

/** The usual lead with one field set to something else, or taken away. */
const changed = ([group, name]: readonly [string, string], value?: JsonValue): JsonObject =>
  group === ''
    ? { ...usual, [name]: value! }
    : { ...usual, [group]: { ...(usual[group] as JsonObject), [name]: value! } };

const expectAgreement = (content: JsonObject): void => {
  const sent = JSON.parse(JSON.stringify(content)) as JsonObject;
  expect(outcomeOf(() => leadBodyOf(sent))).toEqual(outcomeOf(() => plainlyChecked(sent)));
};

describe('leadBodyOf', () => {
  it('takes the short way for usual leads', () => {
    expect(leadBodyOf(usual)).toBe(usual);
    expect(plainlyChecked(usual)).not.toBe(usual);
  });

  it('says of each field what the input class says', () => {
    for (const path of paths) for (const value of [undefined, ...oddities]) expectAgreement(changed(path, value));
  });

  it('says of addresses and texts what the input class says', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'aZ0._+-@"ä '), maxLength: 8 });
    const address = fc.tuple(letters, letters, letters).map(([name, host, top]) => `${name}@${host}.${top}`);
    const value = fc.oneof(fc.emailAddress(), address, fc.string());
    fc.assert(fc.property(fc.constantFrom(...paths), value, (path, text) => expectAgreement(changed(path, text))));
    fc.assert(
      fc.property(value, (text) => expectAgreement(changed(['contact', 'email'], text))),
      { numRuns: 2_000 },
    );
  });
});
