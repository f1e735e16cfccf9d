import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * An Ed25519 private key (PKCS#8 PEM) that is made once and kept in a folder, readable by this account alone. Production
 * asks for configured keys instead.
 */
export const keptKey = (folder: string, name: string): Promise<string> => keptSecret(folder, name, makeSigningKey);

/** As keptKey, for a text of another kind that `make` makes. */
export async function keptSecret(folder: string, name: string, make: () => string | Buffer): Promise<string> {
  const file = join(folder, name);
  return (await readIfThere(file)) ?? (await keep(file, folder, make()));
}

const makeSigningKey = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });

/** The file appears whole or not at all, and the first of several processes wins. */
async function keep(file: string, folder: string, secret: string | Buffer): Promise<string> {
  const growing = `${file}.${randomUUID()}`;
  await mkdir(folder, { recursive: true });
  await writeFile(growing, secret, { mode: 0o600 });
  try {
    await link(growing, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(growing, { force: true });
  }
  return readFile(file, 'utf8');
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
