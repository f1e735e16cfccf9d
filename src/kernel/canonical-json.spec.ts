import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.js';

describe('canonicalJson', () => {
  it('sorts keys by UTF-16 code units, as the example of RFC 8785 section 3.2.3 does', () => {
    const input = {
      '€': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '😀': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      ö: 'Latin Small Letter O With Diaeresis',
    };
    expect([...canonicalJson(input).matchAll(/:"([^"]+)"/g)].map((match) => match[1])).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  it('writes numbers as ECMAScript does', () => {
    expect(canonicalJson([1e30, 4.5, 2e-3, 1e-27, -0, Number('333333333.33333329')])).toBe(
      '[1e+30,4.5,0.002,1e-27,0,333333333.3333333]',
    );
  });

  it('refuses what JSON cannot say', () => {
    for (const value of [Number.NaN, Infinity, 1n, '\ud800', () => 1]) {
      expect(() => canonicalJson(value)).toThrow(TypeError);
    }
  });

  it('writes what it writes at once as it would member by member', () => {
    // One date sends a whole value the slow way; without it nothing keeps the value from being written at once.
    const date = new Date(0);
    const value = fc.jsonValue({ maxDepth: 4 });
    const words = fc.dictionary(fc.constantFrom('b', 'a', '10', '9', '__proto__', 'é', 'toJSON', '\\ud'), value);
    fc.assert(
      fc.property(fc.oneof(value, words), (inner) => {
        expect(canonicalJson([inner, date])).toBe(`[${canonicalJson(inner)},"1970-01-01T00:00:00.000Z"]`);
      }),
    );
  });

  it('takes members as they are, whatever they are called', () => {
    expect(canonicalJson({ b: undefined, a: [undefined, { z: 1, y: '\\ud800' }] })).toBe(
      '{"a":[null,{"y":"\\\\ud800","z":1}]}',
    );
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"x":2},"10":3,"9":4}'))).toBe(
      '{"10":3,"9":4,"__proto__":{"x":2},"b":1}',
    );
    expect(canonicalJson({ a: { c: 1, b: [{ e: 1, d: 2 }] } })).toBe('{"a":{"b":[{"d":2,"e":1}],"c":1}}');
    expect(canonicalJson({ toJSON: 'text', at: { toISOString: 1 } })).toBe('{"at":{"toISOString":1},"toJSON":"text"}');
    for (const value of [{ a: '\udfff' }, { '\ud800': 1 }, [Number.NaN], { b: 1, a: 1n }]) {
      expect(() => canonicalJson(value)).toThrow(TypeError);
    }
  });

  it('does not depend on the order of insertion and loses nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
