import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { HASHED_FIELDS, leafHash } from './leaf-hash.js';
import type { AuditEventRow } from './leaf-hash.js';

const text = fc.string({ unit: 'binary' });
const maybeText = fc.option(text);
const count = fc.maxSafeNat();

const event: fc.Arbitrary<AuditEventRow> = fc.record({
  epoch: fc.nat(32_767),
  id: fc.uuid(),
  occurredAt: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  organizationId: fc.uuid(),
  stream: maybeText,
  streamVersion: fc.option(count),
  ordinal: count,
  type: text,
  version: count,
  subjectType: maybeText,
  subjectId: maybeText,
  actorType: text,
  actorId: maybeText,
  correlationId: maybeText,
  causationId: maybeText,
  depth: fc.constantFrom(0, -0, 1, 7),
  published: fc.boolean(),
  payload: fc.jsonValue().map((value) => canonicalJson(value)),
});

const byTheBook = (row: AuditEventRow): string =>
  createHash('sha256').update(Buffer.of(0)).update(canonicalJson(row)).digest('hex');

describe('leafHash', () => {
  it('is the SHA-256 of a zero byte and the canonical JSON of all fields', () => {
    fc.assert(fc.property(event, (row) => expect(leafHash(row).toString('hex')).toBe(byTheBook(row))));
  });

  it('covers every field, and no column beside them', () => {
    const row = fc.sample(event, { numRuns: 1, seed: 1 })[0];
    if (!row) throw new Error('No sample.');
    for (const name of Object.keys(row)) {
      const altered = { ...row, [name]: typeof row[name as keyof AuditEventRow] === 'number' ? 99 : 'altered' };
      expect([name, leafHash(altered).equals(leafHash(row))]).toEqual([name, false]);
    }
    const stored = { ...row, tx: '1', position: '1', leafHash: '' };
    expect(leafHash(stored)).toEqual(leafHash(row));
    expect([...HASHED_FIELDS]).toEqual(Object.keys(row).sort());
  });

  it('refuses what would hash like something else', () => {
    const row = fc.sample(event, { numRuns: 1, seed: 1 })[0];
    for (const wrong of [{ type: '\ud800' }, { depth: Number.NaN }, { ordinal: 2 ** 53 }, { published: ['true'] }]) {
      expect(() => leafHash({ ...row, ...wrong } as AuditEventRow)).toThrow(TypeError);
    }
  });
});
