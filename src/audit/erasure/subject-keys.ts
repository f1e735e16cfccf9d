import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Subject } from '../../kernel/domain-event.js';
import { unavailable } from '../../kernel/domain-error.js';
import { ChangeFollower } from '../../platform/cache/change-follower.js';
import { Sql } from '../../platform/database/sql.js';
import { KEY_BYTES } from './authenticated-encryption.js';
import type { DataKey, KeyState } from './encrypted-values.js';
import { EncryptionKeys } from './encryption-keys.js';
import { ErasureMetrics } from './erasure-metrics.js';
import { insertKeys, readKeysById, readKeysInUse, type SubjectKeyRow } from './subject-key-rows.js';

/** The scope under which processes follow which keys of an organization were destroyed. */
export const SUBJECT_KEYS_SCOPE = 'subject-keys';

/** Keys in memory, about 300 bytes each. */
const MAX_KEYS = 20_000;
const ID_BYTES = 12;
/** Two processes that make a key for one subject at once: the second finds the first's when it looks again. */
const MAX_ATTEMPTS = 3;

/** What values belong to that are about nobody: the organization itself. */
export const organizationAsSubject = (organizationId: string): Subject => ({
  type: 'organization',
  id: organizationId,
});

/** The name of a subject in a map. */
export const subjectName = ({ type, id }: Subject): string => `${type}:${id}`;

/**
 * The keys of an organization's subjects, made on first use and kept in memory. They are kept under the revision of the
 * organization's keys, which every destruction raises, so one that is destroyed is found nowhere a moment later.
 */
@Injectable()
export class SubjectKeys {
  private readonly known = new LRUCache<string, KeyState>({ max: MAX_KEYS });

  constructor(
    private readonly sql: Sql,
    private readonly follower: ChangeFollower,
    private readonly encryptionKeys: EncryptionKeys,
    private readonly metrics: ErasureMetrics,
  ) {}

  /**
   * The key in use of each subject, by `subjectName`; what is not there yet is made and stored, in a transaction of its
   * own.
   * @throws unavailable `subject-key-unreadable` when no configured key opens one
   */
  async inUse(organizationId: string, subjects: readonly Subject[]): Promise<ReadonlyMap<string, DataKey>> {
    const place = this.placeOf(organizationId);
    const found = new Map<string, DataKey>();
    const missing = new Map<string, Subject>();
    for (const subject of subjects) {
      const name = subjectName(subject);
      const state = this.known.get(`${place} ${name}`);
      if (typeof state === 'object') found.set(name, state);
      else missing.set(name, subject);
    }
    this.metrics.lookedUp(subjects.length - missing.size, missing.size);
    if (missing.size === 0) return found;
    const rows = await this.readOrMake(organizationId, [...missing.values()]);
    for (const [name, key] of this.opened(organizationId, rows)) {
      found.set(name, key);
      this.known.set(`${place} ${name}`, key);
      this.known.set(`${place} ${key.id}`, key);
    }
    return found;
  }

  /** What became of the keys with these ids. One that the organization never had is `unreadable`. */
  async byId(organizationId: string, ids: readonly string[]): Promise<ReadonlyMap<string, KeyState>> {
    const place = this.placeOf(organizationId);
    const states = new Map(ids.map((id) => [id, this.known.get(`${place} ${id}`)] as const));
    const missing = ids.filter((id) => states.get(id) === undefined);
    this.metrics.lookedUp(ids.length - missing.length, missing.length);
    const rows = missing.length === 0 ? [] : await readKeysById(this.sql, organizationId, missing);
    for (const row of rows) {
      const state = this.stateOf(organizationId, row);
      states.set(row.id, state);
      this.known.set(`${place} ${row.id}`, state);
    }
    return new Map(ids.map((id) => [id, states.get(id) ?? 'unreadable']));
  }

  private placeOf(organizationId: string): string {
    return `${organizationId} ${this.follower.revision(organizationId, SUBJECT_KEYS_SCOPE)}`;
  }

  private async readOrMake(organizationId: string, subjects: readonly Subject[]): Promise<readonly SubjectKeyRow[]> {
    const rows: SubjectKeyRow[] = [];
    let missing = subjects;
    for (let attempt = 1; missing.length > 0; attempt++) {
      if (attempt > MAX_ATTEMPTS) {
        throw unavailable(
          'subject-keys-contended',
          'Keys of these subjects are made and destroyed at once; try again.',
        );
      }
      rows.push(...(await readKeysInUse(this.sql, organizationId, missing)));
      missing = without(missing, rows);
      if (missing.length === 0) break;
      rows.push(
        ...(await insertKeys(
          this.sql,
          organizationId,
          missing.map((subject) => this.make(organizationId, subject)),
        )),
      );
      missing = without(missing, rows);
    }
    return rows;
  }

  private make(organizationId: string, subject: Subject) {
    const id = randomBytes(ID_BYTES).toString('base64url');
    return { id, subject, wrapped: this.encryptionKeys.wrap(randomBytes(KEY_BYTES), boundTo(organizationId, id)) };
  }

  private *opened(organizationId: string, rows: readonly SubjectKeyRow[]): Generator<[string, DataKey]> {
    for (const row of rows) {
      const state = this.stateOf(organizationId, row);
      if (typeof state === 'string') throw unreadable(row);
      yield [subjectName({ type: row.subjectType, id: row.subjectId }), state];
    }
  }

  private stateOf(organizationId: string, { id, wrappedKey, wrappedBy }: SubjectKeyRow): KeyState {
    if (wrappedKey === null) return 'erased';
    const bytes = this.encryptionKeys.unwrap({ bytes: wrappedKey, wrappedBy }, boundTo(organizationId, id));
    if (!bytes) this.metrics.unreadable();
    return bytes ? { id, bytes } : 'unreadable';
  }
}

/** Whose key it is: copied into another organization's row, or under another id, it does not open. */
const boundTo = (organizationId: string, id: string): string => `${organizationId} ${id}`;

function without(subjects: readonly Subject[], rows: readonly SubjectKeyRow[]): readonly Subject[] {
  const present = new Set(rows.map(({ subjectType, subjectId }) => subjectName({ type: subjectType, id: subjectId })));
  return subjects.filter((subject) => !present.has(subjectName(subject)));
}

const unreadable = ({ id, subjectType, subjectId, wrappedBy }: SubjectKeyRow) =>
  unavailable(
    'subject-key-unreadable',
    `The key ${id} of ${subjectType} ${subjectId} cannot be opened: it was wrapped with the encryption key ${wrappedBy}. ` +
      'Add that one to ENCRYPTION_KEY, or erase the subject, whose sealed values are then gone.',
  );
