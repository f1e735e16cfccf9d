import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { unavailable } from '../../kernel/domain-error.js';
import { exists, giveTo, makePassable } from './server-location.js';
import type { ServerLocation } from './server-location.js';

/** The name of the owner of the database, and of the database itself. */
export const OWNER = 'proviso';

/** The owner's password as kept in the folder, or `undefined` when none was made yet. */
export const readPassword = (folder: string): Promise<string | undefined> =>
  readFile(join(folder, 'postgres.password'), 'utf8').then(
    (password) => password.trim(),
    () => undefined,
  );

/** Makes the owner's password, readable by the account of this process alone. */
export const makePassword = async (folder: string): Promise<string> => {
  const password = randomBytes(24).toString('base64url');
  const file = join(folder, 'postgres.password');
  await writeFile(`${file}.new`, `${password}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return password;
};

/**
 * Makes an empty cluster. It grows under another name, so that a data folder is either whole or absent; what a killed
 * predecessor left half made is removed. `durable: false` spares the disk.
 */
export const createDataFolder = async (location: ServerLocation, password: string, durable: boolean): Promise<void> => {
  const parent = dirname(location.data);
  await makePassable(parent);
  const prefix = `${basename(location.data)}.new-`;
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix)) await rm(join(parent, name), { recursive: true, force: true, maxRetries: 5 });
  }
  const growing = join(parent, `${prefix}${randomBytes(4).toString('hex')}`);
  await mkdir(growing);
  await chmod(growing, 0o700);
  const passwordFile = join(growing, 'password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  await giveTo(location.account, passwordFile);
  await giveTo(location.account, growing);
  await runInitdb(location, join(growing, 'data'), [`--pwfile=${passwordFile}`, ...(durable ? [] : ['--no-sync'])]);
  await rename(join(growing, 'data'), location.data);
  await rm(growing, { recursive: true, force: true });
};

const runInitdb = async ({ programs, account }: ServerLocation, data: string, more: string[]): Promise<void> => {
  const args = [`--pgdata=${data}`, `--username=${OWNER}`, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C'];
  // Text sorts by code point on every machine, and case folding still knows more than ASCII.
  args.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8', ...more);
  try {
    await promisify(execFile)(join(programs, 'initdb'), args, { ...account, cwd: '/', env: { LC_ALL: 'C' } });
  } catch (cause) {
    const { stderr, message } = cause as { stderr?: string; message: string };
    throw unavailable('embedded-database-not-created', `initdb failed: ${stderr?.trim() || message}`, { cause });
  }
};

/** Puts data whose password is lost aside, and returns its new place. Nothing is deleted. */
export const setAside = async (data: string): Promise<string | undefined> => {
  if (!(await exists(data))) return undefined;
  const aside = `${data}.without-password-${Date.now()}`;
  await rename(data, aside);
  return aside;
};
