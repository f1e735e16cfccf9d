import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countMembers, findRepeatedMember, findSyntaxFault } from './json-text.js';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const membersOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? Object.values(value).reduce<number>(
        (sum, each) => sum + membersOf(each),
        Array.isArray(value) ? 0 : Object.keys(value).length,
      )
    : 0;

/** Texts near JSON: a valid one in which a few characters are replaced, dropped or doubled. */
const nearlyJson = fc
  .tuple(
    fc.jsonValue({ maxDepth: 4 }),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(...'{}[]",:\\u0e-+.1 tfn\n'), fc.nat(2)), { maxLength: 3 }),
  )
  .map(([value, edits]) =>
    edits.reduce((text, [place, character, dropped]) => {
      const at = place % (text.length + 1);
      return text.slice(0, at) + character + text.slice(at + dropped);
    }, JSON.stringify(value)),
  );

describe('findSyntaxFault', () => {
  it('agrees with the engine on what is JSON', () => {
    fc.assert(
      fc.property(nearlyJson, (text) => expect(findSyntaxFault(text) === undefined).toBe(isJson(text))),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['', 0, 'the text ends where a value is expected'],
    ['  {"a":1,}', 9, 'a key in quotes is expected here'],
    ['{"a" 1}', 5, '":" is expected here'],
    ['{"a":1]', 6, '"," or "}" is expected here'],
    ['[1 2]', 3, '"," or "]" is expected here'],
    ['{"a":"x', 5, 'a value is expected here'],
    ['{a:1}', 1, 'a key in quotes or "}" is expected here'],
    ['{"a":1} x', 8, 'the end of the text is expected here'],
    ['[1,', 3, 'the text ends where a value is expected'],
    ['{"a":01}', 6, '"," or "}" is expected here'],
  ])('finds the place in %j', (text, position, message) => {
    expect(findSyntaxFault(text)).toEqual({ position, message });
  });

  it('finds it in long strings too', () => {
    const long = `["${'\\n'.repeat(300_000)}",]`;
    expect(findSyntaxFault(long)?.position).toBe(long.length - 1);
  });
});

describe('members that stand twice', () => {
  it('are not seen where there are none', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(4), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(countMembers(text)).toBe(membersOf(JSON.parse(text)));
        expect(findRepeatedMember(text)).toBeUndefined();
      }),
    );
  });

  it.each([
    ['{"a":1,"a":2}', 7],
    ['{"a":{"b":1},"c":[{"b":1,"b":1}]}', 25],
    ['{"a\\"":1, "x":"a\\"", "a\\u0022":2}', 21],
    ['{"\\\\":1,"\\\\":2}', 8],
  ])('are found in %s', (text, position) => {
    expect(countMembers(text)).toBeGreaterThan(membersOf(JSON.parse(text)));
    expect(findRepeatedMember(text)?.position).toBe(position);
  });
});
