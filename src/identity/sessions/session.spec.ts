import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseToken } from '../access/opaque-token.js';
import { type Refreshing, Session, SESSION_IDLE_MS } from './session.js';

const now = new Date('2026-11-22T10:00:00Z');
const later = (ms: number): Date => new Date(now.getTime() + ms);
const begin = () => Session.begin({ organizationId: 'o', userId: 'u', userAgent: null }, now);

const refresh = (session: Session, token: string, at = now): Refreshing => {
  const [family, secret] = parseToken('prr', token, 2)!.secrets;
  return session.refresh(family!, secret!, at);
};

const tokenOf = (refreshing: Refreshing): string => {
  if (refreshing.outcome !== 'refreshed') throw new Error(refreshing.outcome);
  return refreshing.refreshToken;
};

describe('a session', () => {
  it('gives a new refresh token for each, and only the newest is good', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(), (refreshes, pick) => {
        const { session, refreshToken } = begin();
        const tokens = [refreshToken];
        for (let n = 0; n < refreshes; n++) tokens.push(tokenOf(refresh(session, tokens.at(-1)!)));
        expect(new Set(tokens).size).toBe(refreshes + 1);
        const used = tokens[pick % refreshes]!;
        expect(refresh(session, used)).toMatchObject({
          outcome: 'reused',
          events: [{ type: 'identity.session-revoked', payload: { reason: 'token-reused' } }],
        });
        expect(refresh(session, tokens.at(-1)!)).toEqual({ outcome: 'ended' });
      }),
    );
  });

  it('is not ended by a forged token', () => {
    const { session, refreshToken } = begin();
    const forged = begin().refreshToken;
    expect(refresh(session, forged)).toEqual({ outcome: 'unknown' });
    expect(refresh(session, refreshToken).outcome).toBe('refreshed');
  });

  it('ends when it was idle for too long, counted from the last refresh', () => {
    const { session, refreshToken } = begin();
    const next = tokenOf(refresh(session, refreshToken, later(SESSION_IDLE_MS - 1)));
    expect(session.isLive(later(2 * SESSION_IDLE_MS - 2))).toBe(true);
    expect(refresh(session, next, later(2 * SESSION_IDLE_MS - 1))).toEqual({ outcome: 'ended' });
  });

  it('ends once, and tells it once', () => {
    const { session, refreshToken } = begin();
    expect(session.revoke('signed-out', now)).toHaveLength(1);
    expect(session.revoke('revoked', later(1))).toEqual([]);
    expect(session.revokedAt).toEqual(now);
    expect(refresh(session, refreshToken)).toEqual({ outcome: 'ended' });
  });
});
