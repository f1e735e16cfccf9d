import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { conflict } from '../../kernel/domain-error.js';
import { identify } from './process-identity.js';

/**
 * A claim is an empty file named after the process that made it. The dead leave theirs behind, and anybody may remove
 * those: a name never comes back, so nobody can remove the claim of a living process by mistake.
 */
export const makeClaim = async (folder: string): Promise<string> => {
  await mkdir(folder, { recursive: true });
  const startedAt = identify(process.pid)?.startedAt ?? '';
  const claim = join(folder, `${process.pid}-${startedAt}-${randomBytes(4).toString('hex')}`);
  await writeFile(claim, '', { flag: 'wx' });
  return claim;
};

/** Gives a claim back. */
export const releaseClaim = (claim: string): Promise<void> => rm(claim, { force: true });

/** The claims of living processes in the folder; those of dead ones are removed. */
export const livingClaims = async (folder: string): Promise<string[]> => {
  const names = await readdir(folder).catch(() => []);
  const living: string[] = [];
  for (const name of names) {
    const [pid, startedAt] = name.split('-');
    if (identify(Number(pid))?.startedAt === startedAt) living.push(join(folder, name));
    else await rm(join(folder, name), { force: true });
  }
  return living;
};

/**
 * Runs `work` while no other process runs its own under the same folder. Each contender claims first and looks second,
 * and steps back when it is not alone: so two never hold it at once, and one that was killed holds nobody up.
 * A `DomainError` says who has it after `patienceMs`.
 */
export const withLock = async <T>(folder: string, work: () => Promise<T>, patienceMs = 120_000): Promise<T> => {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const claim = await makeClaim(folder);
    try {
      const others = (await livingClaims(folder)).filter((other) => other !== claim);
      if (others.length === 0) return await work();
      if (Date.now() > deadline) throw locked(folder, others);
    } finally {
      await releaseClaim(claim);
    }
    await delay(30 + Math.random() * 120);
  }
};

const locked = (folder: string, claims: string[]): Error => {
  const pids = claims.map((claim) => claim.slice(folder.length + 1).split('-')[0]).join(', ');
  return conflict(
    'embedded-database-locked',
    `Process ${pids} has been starting or stopping the embedded database in ${folder} for too long. End it and start again.`,
  );
};
