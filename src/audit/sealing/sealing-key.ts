import type { Configuration } from '../../platform/config/configuration.js';
import { keptKey } from '../../platform/config/kept-key.js';
import { loadSigningKey, type SigningKey } from '../proof/seal.js';

/**
 * The key that signs seals: the configured one, else the one that the data folder keeps.
 * @throws DomainError `audit-signing-key` when what is configured or kept is no Ed25519 private key
 */
export const loadSealingKey = async ({
  AUDIT_SIGNING_KEY,
  DATA_FOLDER,
}: Pick<Configuration, 'AUDIT_SIGNING_KEY' | 'DATA_FOLDER'>): Promise<SigningKey> =>
  loadSigningKey(AUDIT_SIGNING_KEY ?? (await keptKey(DATA_FOLDER, 'audit-signing-key.pem')));
