import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { DomainError } from '../../kernel/domain-error.js';
import { PLATFORM_ORGANIZATION } from '../../kernel/id.js';
import type { Database } from '../../platform/database/database.js';
import { countAttempt, type SignInAttempts, waitMs } from './sign-in-attempts.js';

interface AttemptsRow {
  readonly failures: number;
  readonly locked_until: string | Date;
  readonly last_at: string | Date;
}

/**
 * Slows down guessing at one e-mail over all processes. It counts by e-mail, whether somebody has it or not, so that
 * being locked tells nobody who has an account.
 */
export class LockOut {
  constructor(private readonly database: Database) {}

  /** Counts an attempt before its password is looked at. @throws too-many-requests `locked` while it must wait */
  async count(foldedEmail: string): Promise<void> {
    const key = keyOf(foldedEmail);
    const waitForMs = await this.database.transaction(PLATFORM_ORGANIZATION, async (em) => {
      const now = new Date();
      const attempts = await lockAttempts(em, key, now);
      const waits = waitMs(attempts, now);
      if (waits === 0) await saveAttempts(em, key, countAttempt(attempts, now));
      return waits;
    });
    if (waitForMs === 0) return;
    const retryAfterSeconds = Math.ceil(waitForMs / 1000);
    const message = `Too many sign-ins with this e-mail failed; try again in ${retryAfterSeconds} seconds.`;
    throw new DomainError('too-many-requests', 'locked', message, { retryAfterSeconds });
  }

  /** After a success nothing is held against the e-mail any more. */
  async forget(foldedEmail: string): Promise<void> {
    await this.database.transaction(PLATFORM_ORGANIZATION, (em) =>
      em.execute("delete from sign_in_attempts where email_hash = decode(?, 'hex')", [keyOf(foldedEmail)]),
    );
  }
}

const keyOf = (foldedEmail: string): string => createHash('sha256').update(foldedEmail).digest('hex');

/** Attempts of one e-mail, held until the transaction ends; those that nobody made for a day go. */
async function lockAttempts(em: EntityManager, key: string, now: Date): Promise<SignInAttempts | undefined> {
  await em.execute("delete from sign_in_attempts where last_at < ?::timestamptz - interval '1 day'", [
    now.toISOString(),
  ]);
  await em.execute(
    `insert into sign_in_attempts values (decode(?, 'hex'), 0, ?::timestamptz, ?::timestamptz) on conflict do nothing`,
    [key, now.toISOString(), now.toISOString()],
  );
  const [row] = await em.execute<AttemptsRow[]>(
    "select failures, locked_until, last_at from sign_in_attempts where email_hash = decode(?, 'hex') for update",
    [key],
  );
  return row && { failures: row.failures, lockedUntil: new Date(row.locked_until), lastAt: new Date(row.last_at) };
}

async function saveAttempts(em: EntityManager, key: string, attempts: SignInAttempts): Promise<void> {
  await em.execute(
    `update sign_in_attempts set failures = ?, locked_until = ?::timestamptz, last_at = ?::timestamptz
     where email_hash = decode(?, 'hex')`,
    [attempts.failures, attempts.lockedUntil.toISOString(), attempts.lastAt.toISOString(), key],
  );
}
