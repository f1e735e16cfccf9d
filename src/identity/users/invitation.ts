import { formatToken, hashSecret, newSecret } from '../access/opaque-token.js';
import { newId } from '../../kernel/id.js';

const VALID_FOR_MS = 7 * 86_400_000;

/** The right to become a member once; the table holds only the hash of its secret, and no row once it was used. */
export class Invitation {
  readonly id!: string;
  readonly organizationId!: string;
  readonly userId!: string;
  readonly secretHash!: Uint8Array;
  readonly createdAt!: Date;
  readonly expiresAt!: Date;

  private constructor() {}

  /** @returns the invitation and the token to be handed to the person; the token can be had only here. */
  static issue(organizationId: string, userId: string, now: Date): [Invitation, string] {
    const secret = newSecret();
    const invitation = Object.assign(new Invitation(), {
      id: newId(),
      organizationId,
      userId,
      secretHash: hashSecret(secret),
      createdAt: now,
      expiresAt: new Date(now.getTime() + VALID_FOR_MS),
    });
    return [invitation, formatToken('pri', invitation.id, secret)];
  }
}
