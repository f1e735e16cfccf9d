import type { Seal } from '../proof/seal.js';

/** A row of `audit_seals` as `SEAL_COLUMNS` gives it. */
export type SealRow = Omit<Seal, 'treeSize' | 'signature'> & {
  readonly treeSize: string;
  readonly signature: Buffer;
};

/** The columns of `seal` that `sealOf` takes. */
export const SEAL_COLUMNS = `seal.organization_id as "organizationId", seal.tree_size::text as "treeSize",
  encode(seal.root, 'hex') as root, seal.last_epoch as "lastEpoch", seal.last_tx::text as "lastTx",
  seal.last_position::text as "lastPosition", encode(seal.previous_seal_hash, 'hex') as "previousSealHash",
  to_char(seal.sealed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "sealedAt",
  seal.key_id as "keyId", seal.signature`;

/** The seal as it was signed. */
export const sealOf = (row: SealRow): Seal => ({
  ...row,
  treeSize: Number(row.treeSize),
  signature: row.signature.toString('base64'),
});
