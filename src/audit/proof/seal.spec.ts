import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import {
  createSigningKey,
  keyIdOf,
  loadSigningKey,
  privateKeyPem,
  publicKeyPem,
  sealHash,
  signSeal,
  verifySeal,
} from './seal.js';
import type { Seal } from './seal.js';

const key = createSigningKey();
const seal = signSeal(
  {
    organizationId: '018f0000-0000-7000-8000-000000000001',
    treeSize: 7,
    root: 'ab'.repeat(32),
    lastEpoch: 0,
    lastTx: '745',
    lastPosition: '19',
    previousSealHash: null,
    sealedAt: '2026-01-02T03:04:05.678Z',
  },
  key,
);

describe('a seal', () => {
  it('is signed over every field', () => {
    expect(verifySeal(seal, key.publicKey)).toBe(true);
    for (const name of Object.keys(seal) as (keyof Seal)[]) {
      const altered = { ...seal, [name]: typeof seal[name] === 'number' ? seal[name] + 1 : 'AAAA' };
      expect([name, verifySeal(altered, key.publicKey)]).toEqual([name, false]);
      expect([name, sealHash(altered) === sealHash(seal)]).toEqual([name, false]);
    }
    expect(verifySeal(seal, createSigningKey().publicKey)).toBe(false);
  });

  it('signs and hashes the same out of a row with more columns', () => {
    const row = { ...seal, createdBy: 'sealer' };
    expect(sealHash(row)).toBe(sealHash(seal));
    expect(signSeal(row, key)).toEqual(seal);
  });
});

describe('a signing key', () => {
  it('is kept as PEM and known by an id made from its public half', () => {
    const loaded = loadSigningKey(privateKeyPem(key));
    expect(loaded.keyId).toBe(key.keyId);
    expect(publicKeyPem(loaded)).toBe(publicKeyPem(key));
    expect(key.keyId).toMatch(/^[0-9a-f]{16}$/);
    expect(keyIdOf(createSigningKey().publicKey)).not.toBe(key.keyId);
  });

  it('must be an Ed25519 private key', () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    });
    for (const pem of ['', 'secret', publicKeyPem(key), other.toString()]) {
      expect(() => loadSigningKey(pem)).toThrow(expect.objectContaining({ code: 'audit-signing-key' }));
    }
  });
});
