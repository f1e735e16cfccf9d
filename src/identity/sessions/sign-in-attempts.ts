const FREE_FAILURES = 5;
const FIRST_LOCK_MS = 30_000;
const LONGEST_LOCK_MS = 15 * 60_000;
const FORGOTTEN_AFTER_MS = 86_400_000;

/** Sign-ins with one e-mail that did not succeed, one after the other. */
export interface SignInAttempts {
  readonly failures: number;
  readonly lockedUntil: Date;
  readonly lastAt: Date;
}

/** How long sign-ins wait after so many failures: nothing for the first four, then 30 s, doubling up to 15 min. */
export function lockMs(failures: number): number {
  if (failures < FREE_FAILURES) return 0;
  return Math.min(FIRST_LOCK_MS * 2 ** (failures - FREE_FAILURES), LONGEST_LOCK_MS);
}

/** Milliseconds until the next attempt is allowed; 0 when it is. */
export const waitMs = (attempts: SignInAttempts | undefined, now: Date): number =>
  attempts ? Math.max(0, attempts.lockedUntil.getTime() - now.getTime()) : 0;

/**
 * Counts an attempt as failed before its password is looked at, so that attempts sent at once are counted as well; a
 * success forgets them all. After a day without attempts counting begins anew.
 */
export function countAttempt(attempts: SignInAttempts | undefined, now: Date): SignInAttempts {
  const isFresh = attempts !== undefined && now.getTime() - attempts.lastAt.getTime() < FORGOTTEN_AFTER_MS;
  const failures = (isFresh ? attempts.failures : 0) + 1;
  return { failures, lockedUntil: new Date(now.getTime() + lockMs(failures)), lastAt: now };
}
