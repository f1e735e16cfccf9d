import { spawnSync } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { conflict, unavailable } from '../../kernel/domain-error.js';

/** The operating system's account under which the database server runs. */
export interface ServerAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account for the server, or `undefined` for that of this process. PostgreSQL refuses to run as root, so root
 * lends it the owner of data that is already there, else `postgres`, else `nobody`. A `DomainError` when an ordinary
 * user meets data of somebody else, or when root finds no such account.
 */
export const chooseServerAccount = async (dataFolder: string): Promise<ServerAccount | undefined> => {
  const owner = await stat(dataFolder).catch(() => undefined);
  const own = process.getuid?.();
  if (own !== 0) {
    if (!owner || owner.uid === own) return undefined;
    throw conflict(
      'embedded-data-of-another-user',
      `The data in ${dataFolder} belongs to user ${owner.uid}. Start as that user or as root, or set DATABASE_URL.`,
    );
  }
  if (owner && owner.uid !== 0) return { name: `user ${owner.uid}`, uid: owner.uid, gid: owner.gid };
  return findUnprivilegedAccount();
};

const findUnprivilegedAccount = async (): Promise<ServerAccount> => {
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = accounts.find((account) => account[0] === name) ?? [];
    if (Number(uid) > 0 && Number(gid) > 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  throw unavailable(
    'no-unprivileged-account',
    'PostgreSQL does not run as root, and there is neither an account "postgres" nor "nobody" to run it under. Add one, start as an ordinary user, or set DATABASE_URL.',
  );
};

/** Whether the account can enter the folder. Tried, not computed, because modes are not the whole truth. */
export const canEnter = (account: ServerAccount, folder: string): boolean =>
  runsUnder(account, '/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder]);

/** Whether the program runs under the account. */
export const runsUnder = ({ uid, gid }: ServerAccount, program: string, args: string[]): boolean =>
  spawnSync(program, args, { uid, gid, cwd: '/', stdio: 'ignore', env: { LC_ALL: 'C' } }).status === 0;
