import { createHash, randomBytes } from 'node:crypto';
import type { Configuration } from '../../platform/config/configuration.js';
import { keptSecret } from '../../platform/config/kept-key.js';
import { decrypt, encrypt, KEY_BYTES } from './authenticated-encryption.js';

/** A subject's key as it is stored. */
export interface WrappedKey {
  readonly bytes: Buffer;
  /** Id of the configured key that it was wrapped with. */
  readonly wrappedBy: string;
}

/** The configured keys, which wrap the keys of subjects: the first wraps, all open what they wrapped. */
export class EncryptionKeys {
  private readonly keys: ReadonlyMap<string, Buffer>;
  /** Id of the key that wraps. */
  readonly currentId: string;

  /** @param texts in base64, 32 bytes each @throws Error when one is not */
  constructor(texts: readonly string[]) {
    this.keys = new Map(texts.map(readKey).map((key) => [idOf(key), key]));
    this.currentId = [...this.keys.keys()][0]!;
  }

  has(id: string): boolean {
    return this.keys.has(id);
  }

  /** `boundTo` says whose key it is; wrapped, it opens for nobody else. */
  wrap(key: Uint8Array, boundTo: string): WrappedKey {
    return { bytes: encrypt(this.keys.get(this.currentId)!, key, boundTo), wrappedBy: this.currentId };
  }

  /** The key, or undefined when no configured key opens it. */
  unwrap({ bytes, wrappedBy }: WrappedKey, boundTo: string): Buffer | undefined {
    const key = this.keys.get(wrappedBy);
    if (!key) return undefined;
    try {
      return decrypt(key, bytes, boundTo);
    } catch {
      return undefined;
    }
  }
}

function readKey(text: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== KEY_BYTES) throw new Error(`ENCRYPTION_KEY must be ${KEY_BYTES} bytes in base64.`);
  return key;
}

/** The first 16 hexadecimal digits of its SHA-256. */
const idOf = (key: Buffer): string => createHash('sha256').update(key).digest('hex').slice(0, 16);

/** The configured keys, else the one that the data folder keeps. */
export const loadEncryptionKeys = async ({
  ENCRYPTION_KEY,
  DATA_FOLDER,
}: Pick<Configuration, 'ENCRYPTION_KEY' | 'DATA_FOLDER'>): Promise<EncryptionKeys> =>
  new EncryptionKeys(ENCRYPTION_KEY ?? [await keptSecret(DATA_FOLDER, 'encryption-key', makeKey)]);

const makeKey = (): string => randomBytes(KEY_BYTES).toString('base64');
