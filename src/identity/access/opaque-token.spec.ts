import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../../kernel/id.js';
import { formatToken, hashSecret, hasHash, newSecret, parseToken, tokenPrefix } from './opaque-token.js';

describe('opaque tokens', () => {
  it('are read back as they were written', () => {
    fc.assert(
      fc.property(fc.constantFrom('prv', 'prr', 'pri'), fc.integer({ min: 1, max: 3 }), (kind, count) => {
        const id = newId();
        const secrets = Array.from({ length: count }, newSecret);
        expect(parseToken(kind, formatToken(kind, id, ...secrets), count)).toEqual({ id, secrets });
      }),
    );
  });

  it('are refused in any other form', () => {
    const token = formatToken('prv', newId(), newSecret());
    for (const wrong of ['', token.slice(1), `${token}a`, token.slice(0, -1), token.toUpperCase(), `${token}\n`]) {
      expect(parseToken('prv', wrong)).toBeUndefined();
    }
    expect(parseToken('prr', token)).toBeUndefined();
    expect(parseToken('prv', token, 2)).toBeUndefined();
  });

  it('have 256 random bits that only their own hash fits', () => {
    const secret = newSecret();
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(hasHash(secret, hashSecret(secret))).toBe(true);
    expect(hasHash(newSecret(), hashSecret(secret))).toBe(false);
  });

  it('show of themselves only what is no secret', () => {
    expect(tokenPrefix('prv', '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44')).toBe('prv_0193524e4a3c7c119d3a5b1f0a6e2c44');
  });
});
