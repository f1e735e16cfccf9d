import type { Subject } from '../../kernel/domain-event.js';
import type { Sql } from '../../platform/database/sql.js';
import type { WrappedKey } from './encryption-keys.js';

/** A key as it is stored; without bytes once it is destroyed. */
export interface SubjectKeyRow extends Record<string, unknown> {
  readonly id: string;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly wrappedKey: Buffer | null;
  readonly wrappedBy: string;
}

/** A key that was made and is to be stored. */
export interface NewSubjectKey {
  readonly id: string;
  readonly subject: Subject;
  readonly wrapped: WrappedKey;
}

const COLUMNS = `id, subject_type as "subjectType", subject_id as "subjectId", wrapped_key as "wrappedKey",
  wrapped_by as "wrappedBy"`;

/** The keys in use of these subjects; a subject that has none is left out. */
export const readKeysInUse = (
  sql: Sql,
  organizationId: string,
  subjects: readonly Subject[],
): Promise<SubjectKeyRow[]> =>
  sql.read<SubjectKeyRow>(
    organizationId,
    `select ${COLUMNS} from unnest($2::text[], $3::uuid[]) as wanted(subject_type, subject_id)
     join subject_keys using (subject_type, subject_id)
     where organization_id = $1 and destroyed_at is null`,
    [organizationId, subjects.map(({ type }) => type), subjects.map(({ id }) => id)],
  );

/** The keys with these ids, destroyed ones too. */
export const readKeysById = (sql: Sql, organizationId: string, ids: readonly string[]): Promise<SubjectKeyRow[]> =>
  sql.read<SubjectKeyRow>(
    organizationId,
    `select ${COLUMNS} from subject_keys where organization_id = $1 and id = any($2::text[])`,
    [organizationId, ids],
  );

/** Stores new keys; one whose subject got another key meanwhile is left out, and not among the answer. */
export const insertKeys = (
  sql: Sql,
  organizationId: string,
  keys: readonly NewSubjectKey[],
): Promise<SubjectKeyRow[]> =>
  sql.write<SubjectKeyRow>(
    organizationId,
    `with used as (
       insert into encryption_keys (key_id) select distinct wrapped_by from unnest($6::text[]) as one(wrapped_by)
       on conflict do nothing
     )
     insert into subject_keys
       (organization_id, subject_type, subject_id, generation, id, wrapped_key, wrapped_by, created_at)
     select $1, made.subject_type, made.subject_id, coalesce(older.generation, 0) + 1, made.id, made.wrapped_key,
       made.wrapped_by, app_now()
     from unnest($2::text[], $3::uuid[], $4::text[], $5::bytea[], $6::text[])
       as made(subject_type, subject_id, id, wrapped_key, wrapped_by)
     left join lateral (
       select max(generation) as generation from subject_keys
       where organization_id = $1 and subject_type = made.subject_type and subject_id = made.subject_id
     ) as older on true
     order by made.subject_type, made.subject_id
     on conflict do nothing
     returning ${COLUMNS}`,
    [
      organizationId,
      keys.map(({ subject }) => subject.type),
      keys.map(({ subject }) => subject.id),
      keys.map(({ id }) => id),
      keys.map(({ wrapped }) => wrapped.bytes),
      keys.map(({ wrapped }) => wrapped.wrappedBy),
    ],
  );
