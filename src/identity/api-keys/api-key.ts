import { invalid } from '../../kernel/domain-error.js';
import type { DomainEvent } from '../../kernel/domain-event.js';
import { newId } from '../../kernel/id.js';
import { mutable } from '../../platform/database/mapping.js';
import { formatToken, hashSecret, newSecret } from '../access/opaque-token.js';
import { identityEvent } from '../identity.events.js';

const LONGEST_VALIDITY_MS = 366 * 86_400_000;

export interface NewApiKey {
  readonly organizationId: string;
  readonly name: string;
  readonly permissions: readonly string[];
  readonly expiresAt: Date;
}

/** What a machine shows to act in one organization; the table holds the hash of its secret. */
export class ApiKey {
  readonly id!: string;
  readonly organizationId!: string;
  readonly name!: string;
  readonly secretHash!: Uint8Array;
  readonly permissions!: readonly string[];
  readonly createdAt!: Date;
  readonly expiresAt!: Date;
  readonly revokedAt!: Date | null;
  readonly version!: number;

  private constructor() {}

  /**
   * @returns the key, its token, which can be had only here, and the event
   * @throws invalid `bad-expiry` when it would be over already or last longer than a year
   */
  static create(input: NewApiKey, now: Date): { apiKey: ApiKey; token: string; event: DomainEvent } {
    const validForMs = input.expiresAt.getTime() - now.getTime();
    if (validForMs <= 0 || validForMs > LONGEST_VALIDITY_MS) {
      throw invalid('bad-expiry', 'An API key lasts at most one year from now; give an expiresAt within it.', {
        violations: [{ pointer: '#/expiresAt', message: 'must lie within the next year' }],
      });
    }
    const secret = newSecret();
    const apiKey = Object.assign(new ApiKey(), {
      ...input,
      permissions: [...new Set(input.permissions)],
      id: newId(),
      secretHash: hashSecret(secret),
      createdAt: now,
      revokedAt: null,
    });
    const payload = { permissions: apiKey.permissions, expiresAt: input.expiresAt.toISOString() };
    return { apiKey, token: formatToken('prv', apiKey.id, secret), event: identityEvent('api-key-created', payload) };
  }

  revoke(now: Date): DomainEvent[] {
    if (this.revokedAt) return [];
    mutable<ApiKey>(this).revokedAt = now;
    return [identityEvent('api-key-revoked')];
  }
}
