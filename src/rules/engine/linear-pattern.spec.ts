import { describe, expect, it } from '@jest/globals';
import { compileLinearPattern, PATTERN_LIMIT } from './linear-pattern.js';

describe('a linear pattern', () => {
  it('finds what a regular expression finds', () => {
    expect(['', 'a', 'xaay', 'b'].map(compileLinearPattern('a+'))).toEqual([false, true, true, false]);
  });

  it.each(['^(a+)+$', '^(a|aa)+$', '^(.*a){12}$', '(x+x+)+y'])(
    '%s: searches a long text that would backtrack',
    (pattern) => {
      expect(compileLinearPattern(pattern)(`${'a'.repeat(50_000)}!`)).toBe(false);
    },
  );

  it('refuses a pattern that is too large, and a text that is too long for a large one', () => {
    expect(() => compileLinearPattern(`a{${PATTERN_LIMIT}}`)).toThrow('instructions');
    const large = compileLinearPattern('(a?){150}a{150}');
    expect(large('a'.repeat(1_000))).toBe(true);
    expect(() => large('a'.repeat(100_000))).toThrow('too long for this pattern');
  });
});
