import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { invalid } from '../../kernel/domain-error.js';

/** What the sealer states: these leaves, in this order, existed at this time. */
export interface Seal {
  readonly organizationId: string;
  /** Leaves covered, from 1. */
  readonly treeSize: number;
  /** Root of the tree over them, hex. */
  readonly root: string;
  /** Cursor of the last row covered: rows up to it are the leaves of this tree, rows after it are not. */
  readonly lastEpoch: number;
  /** Decimal: a 64-bit number. */
  readonly lastTx: string;
  /** Decimal: a 64-bit number. */
  readonly lastPosition: string;
  /** `sealHash` of the seal before it, null for the first. */
  readonly previousSealHash: string | null;
  /** ISO 8601 in UTC with milliseconds. */
  readonly sealedAt: string;
  readonly keyId: string;
  /** Ed25519 over the canonical JSON of every other field, base64. */
  readonly signature: string;
}

/** An Ed25519 key pair and the id that seals name it by. */
export interface SigningKey {
  readonly keyId: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Id of a public key: the first 16 hex digits of the SHA-256 of its SPKI DER. */
export const keyIdOf = (publicKey: KeyObject): string =>
  hash('sha256', publicKey.export({ type: 'spki', format: 'der' })).slice(0, 16);

/** A new key pair. */
export const createSigningKey = (): SigningKey => keyPair(generateKeyPairSync('ed25519').privateKey);

/**
 * Reads a private key in PEM (PKCS #8).
 * @throws DomainError `audit-signing-key` when it is no Ed25519 private key.
 */
export function loadSigningKey(pem: string): SigningKey {
  const privateKey = parsePrivateKey(pem);
  if (privateKey?.asymmetricKeyType !== 'ed25519') {
    throw invalid(
      'audit-signing-key',
      'AUDIT_SIGNING_KEY must be an Ed25519 private key in PEM (PKCS #8); "openssl genpkey -algorithm ed25519" makes one.',
    );
  }
  return keyPair(privateKey);
}

/** The private key as PEM (PKCS #8), to be kept. */
export const privateKeyPem = (key: SigningKey): string =>
  key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** The public key as PEM (SPKI), to be given away. */
export const publicKeyPem = (key: Pick<SigningKey, 'publicKey'>): string =>
  key.publicKey.export({ type: 'spki', format: 'pem' }).toString();

/** Signs the statement and names the key in it. */
export function signSeal(statement: Omit<Seal, 'keyId' | 'signature'>, key: SigningKey): Seal {
  const unsigned = statementOf({ ...statement, keyId: key.keyId });
  return { ...unsigned, signature: sign(null, signedBytes(unsigned), key.privateKey).toString('base64') };
}

/** Whether the signature is that of this key over every other field. */
export const verifySeal = (seal: Seal, publicKey: KeyObject): boolean =>
  verify(null, signedBytes(seal), publicKey, Buffer.from(seal.signature, 'base64'));

/** What the next seal states as `previousSealHash`: SHA-256 of the canonical JSON of the whole seal, hex. */
export const sealHash = (seal: Seal): string =>
  hash('sha256', canonicalJson({ ...statementOf(seal), signature: seal.signature }));

const signedBytes = (seal: Omit<Seal, 'signature'>): Buffer => Buffer.from(canonicalJson(statementOf(seal)));

/** Picks the fields one by one, so that a caller's row with more members signs and hashes the same. */
const statementOf = (seal: Omit<Seal, 'signature'>): Omit<Seal, 'signature'> => ({
  organizationId: seal.organizationId,
  treeSize: seal.treeSize,
  root: seal.root,
  lastEpoch: seal.lastEpoch,
  lastTx: seal.lastTx,
  lastPosition: seal.lastPosition,
  previousSealHash: seal.previousSealHash,
  sealedAt: seal.sealedAt,
  keyId: seal.keyId,
});

function keyPair(privateKey: KeyObject): SigningKey {
  const publicKey = createPublicKey(privateKey);
  return { keyId: keyIdOf(publicKey), privateKey, publicKey };
}

function parsePrivateKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey({ key: pem, format: 'pem', type: 'pkcs8' });
  } catch {
    return undefined;
  }
}
