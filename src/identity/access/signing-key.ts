import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Configuration } from '../../platform/config/configuration.js';

/**
 * The key that signs access tokens: the configured one, else one that is made once and kept in the data folder,
 * readable by this account alone (production asks for a configured one).
 */
export async function loadSigningKey(
  configuration: Pick<Configuration, 'JWT_PRIVATE_KEY' | 'DATA_FOLDER'>,
): Promise<string> {
  if (configuration.JWT_PRIVATE_KEY) return configuration.JWT_PRIVATE_KEY;
  const file = join(configuration.DATA_FOLDER, 'jwt-private-key.pem');
  return (await readIfThere(file)) ?? (await make(file, configuration.DATA_FOLDER));
}

/** The file appears whole or not at all, and the first of several processes wins. */
async function make(file: string, folder: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const growing = `${file}.${randomUUID()}`;
  await mkdir(folder, { recursive: true });
  await writeFile(growing, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
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
