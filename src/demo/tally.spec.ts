import { describe, expect, it } from '@jest/globals';
import { decidedOnce, holds, inOrder } from './tally.js';

const mail = (recipient: string, subject: string, at: number) => ({ recipient, subject, at });

describe('the tally', () => {
  it('holds when the numbers are the same', () => {
    expect(holds({ what: '', expected: 30, actual: 30 })).toBe(true);
    expect(holds({ what: '', expected: 30, actual: 29 })).toBe(false);
  });

  it('counts who was decided about exactly once', () => {
    expect(decidedOnce(['once', 'twice', 'never'], ['twice', 'once', 'twice', 'somebody else'])).toBe(1);
  });

  it('counts who got both mails with the pause between them', () => {
    const mails = [
      mail('late@x', 'Any questions?', 15_000),
      mail('LATE@x', 'Welcome', 1_000),
      mail('soon@x', 'Welcome', 1_000),
      mail('soon@x', 'Any questions?', 10_999),
      mail('thrice@x', 'Welcome', 1_000),
      mail('thrice@x', 'Any questions?', 11_000),
      mail('thrice@x', 'Any questions?', 12_000),
      mail('same@x', 'Welcome', 1_000),
      mail('same@x', 'Welcome', 11_000),
      mail('first@x', 'Welcome', 1_000),
    ];
    expect(inOrder(['late@x', 'soon@x', 'thrice@x', 'same@x', 'first@x', 'none@x'], mails, 10_000)).toBe(1);
  });
});
