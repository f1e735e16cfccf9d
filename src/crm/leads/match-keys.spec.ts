import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldEmail, phoneE164, websiteDomain } from './match-keys.js';

describe('foldEmail', () => {
  it.each([
    ['Ann.Lee+fair@Gmail.com', 'annlee@gmail.com'],
    ['annlee@googlemail.com', 'annlee@gmail.com'],
    ['Ann.Lee+fair@outlook.com', 'ann.lee@outlook.com'],
    ['ann@me.com', 'ann@icloud.com'],
    ['Ann.Lee+fair@bistro.example', 'ann.lee+fair@bistro.example'],
    ['+tag@gmail.com', '+tag@gmail.com'],
  ])('folds %s to %s', (email, folded) => expect(foldEmail(email)).toBe(folded));

  it('folds all spellings of a mailbox to one, and that one to itself', () => {
    const letters = fc.stringMatching(/^[a-z][a-z0-9]{0,12}$/);
    fc.assert(
      fc.property(letters, letters, fc.nat(12), (name, tag, place) => {
        const dotted = `${name.slice(0, place)}.${name.slice(place)}`.toUpperCase();
        expect(foldEmail(`${dotted}+${tag}@GMAIL.com`)).toBe(`${name}@gmail.com`);
        expect(foldEmail(foldEmail(`${dotted}@gmail.com`))).toBe(`${name}@gmail.com`);
        expect(foldEmail(`${dotted}@bistro.example`)).not.toBe(foldEmail(`${name}@bistro.example`));
      }),
    );
  });
});

describe('phoneE164', () => {
  it.each([
    ['+1 (415) 555-2671', '+14155552671'],
    ['+49 30 901820', '+4930901820'],
    ['(415) 555-2671', null],
    ['+1 12', null],
    ['none', null],
  ])('reads %s as %s', (phone, expected) => expect(phoneE164(phone)).toBe(expected));
});

describe('websiteDomain', () => {
  it.each([
    ['https://www.Bistro.example/menu?x=1', 'bistro.example'],
    ['bistro.example', 'bistro.example'],
    ['bistro.example:8080/menu', 'bistro.example'],
    ['http://münchen.example.', 'xn--mnchen-3ya.example'],
    ['javascript:alert(1)', null],
    ['ftp://bistro.example', null],
    ['https://user@bistro.example', null],
    ['localhost', null],
    ['not a host', null],
  ])('takes from %s the domain %s', (website, domain) => expect(websiteDomain(website)).toBe(domain));
});
