import type { DomainEvent } from '../../kernel/domain-event.js';
import { newId } from '../../kernel/id.js';
import { mutable } from '../../platform/database/mapping.js';
import { formatToken, hasHash, hashSecret, newSecret } from '../access/opaque-token.js';
import { identityEvent } from '../identity.events.js';

/** A session that is not refreshed for so long has ended. */
export const SESSION_IDLE_MS = 30 * 86_400_000;

export type RevocationReason = 'signed-out' | 'revoked' | 'deactivated' | 'token-reused';

/** What a presented refresh token turned out to be. `unknown` proves nothing about the session and changes nothing. */
export type Refreshing =
  | { readonly outcome: 'refreshed'; readonly refreshToken: string; readonly events: DomainEvent[] }
  | { readonly outcome: 'reused'; readonly events: DomainEvent[] }
  | { readonly outcome: 'ended' | 'unknown' };

interface NewSession {
  readonly organizationId: string;
  readonly userId: string;
  readonly userAgent: string | null;
}

/**
 * A sign-in and all refresh tokens that came of it. Each token holds two secrets: one that stays for the whole family
 * and one that is new with each refresh. So a used token is told from a forged one without keeping used ones.
 */
export class Session {
  readonly id!: string;
  readonly organizationId!: string;
  readonly userId!: string;
  readonly familyHash!: Uint8Array;
  readonly tokenHash!: Uint8Array;
  readonly userAgent!: string | null;
  readonly createdAt!: Date;
  readonly refreshedAt!: Date;
  readonly expiresAt!: Date;
  readonly revokedAt!: Date | null;
  readonly version!: number;

  private constructor() {}

  static begin(input: NewSession, now: Date): { session: Session; refreshToken: string; event: DomainEvent } {
    const [family, secret] = [newSecret(), newSecret()];
    const session = Object.assign(new Session(), {
      ...input,
      id: newId(),
      familyHash: hashSecret(family),
      tokenHash: hashSecret(secret),
      createdAt: now,
      refreshedAt: now,
      expiresAt: new Date(now.getTime() + SESSION_IDLE_MS),
      revokedAt: null,
    });
    const refreshToken = formatToken('prr', session.id, family, secret);
    return { session, refreshToken, event: identityEvent('signed-in', { userId: input.userId }) };
  }

  /** Exchanges a refresh token for the next one. A token that was exchanged before ends the session. */
  refresh(family: string, secret: string, now: Date): Refreshing {
    if (!hasHash(family, this.familyHash)) return { outcome: 'unknown' };
    if (!this.isLive(now)) return { outcome: 'ended' };
    if (!hasHash(secret, this.tokenHash)) return { outcome: 'reused', events: this.revoke('token-reused', now) };
    const next = newSecret();
    Object.assign(mutable<Session>(this), {
      tokenHash: hashSecret(next),
      refreshedAt: now,
      expiresAt: new Date(now.getTime() + SESSION_IDLE_MS),
    });
    const refreshToken = formatToken('prr', this.id, family, next);
    return { outcome: 'refreshed', refreshToken, events: [identityEvent('session-refreshed')] };
  }

  revoke(reason: RevocationReason, now: Date): DomainEvent[] {
    if (this.revokedAt) return [];
    mutable<Session>(this).revokedAt = now;
    return [identityEvent('session-revoked', { reason })];
  }

  isLive(now: Date): boolean {
    return this.revokedAt === null && this.expiresAt > now;
  }
}
