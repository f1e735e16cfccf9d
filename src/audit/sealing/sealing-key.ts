import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Configuration } from '../../platform/config/configuration.js';
import { createSigningKey, loadSigningKey, privateKeyPem, type SigningKey } from '../proof/seal.js';

/**
 * The key that signs seals: the configured one, else one that is made once and kept in the data folder, readable by
 * this account alone (production asks for a configured one).
 * @throws DomainError `audit-signing-key` when what is configured or kept is no Ed25519 private key
 */
export async function loadSealingKey(
  configuration: Pick<Configuration, 'AUDIT_SIGNING_KEY' | 'DATA_FOLDER'>,
): Promise<SigningKey> {
  if (configuration.AUDIT_SIGNING_KEY) return loadSigningKey(configuration.AUDIT_SIGNING_KEY);
  const file = join(configuration.DATA_FOLDER, 'audit-signing-key.pem');
  return loadSigningKey((await readIfThere(file)) ?? (await make(file, configuration.DATA_FOLDER)));
}

/** The file appears whole or not at all, and the first of several processes wins. */
async function make(file: string, folder: string): Promise<string> {
  const growing = `${file}.${randomUUID()}`;
  await mkdir(folder, { recursive: true });
  await writeFile(growing, privateKeyPem(createSigningKey()), { mode: 0o600 });
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
