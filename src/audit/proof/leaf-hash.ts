import { hash } from 'node:crypto';

/** The part of an event that its leaf hash covers: every column except `tx`, `position` and `leaf_hash`. */
export interface AuditEventRow {
  /** Which cluster wrote it, from 0; `audit adopt` raises it. */
  readonly epoch: number;
  /** UUID v7. */
  readonly id: string;
  /** ISO 8601 in UTC with milliseconds, the id's own. */
  readonly occurredAt: string;
  readonly organizationId: string;
  readonly stream: string | null;
  /** The aggregate's version after the change. */
  readonly streamVersion: number | null;
  /** Place among the events of the same stream version, from 0. */
  readonly ordinal: number;
  readonly type: string;
  readonly version: number;
  readonly subjectType: string | null;
  readonly subjectId: string | null;
  readonly actorType: string;
  readonly actorId: string | null;
  readonly correlationId: string | null;
  readonly causationId: string | null;
  /** How many causes stand before it, from 0. */
  readonly depth: number;
  readonly published: boolean;
  /** The canonical JSON text exactly as stored; it is hashed as a string, so nobody has to parse it again. */
  readonly payload: string;
}

/** The members that are hashed, in the order of RFC 8785. */
export const HASHED_FIELDS = [
  'actorId',
  'actorType',
  'causationId',
  'correlationId',
  'depth',
  'epoch',
  'id',
  'occurredAt',
  'ordinal',
  'organizationId',
  'payload',
  'published',
  'stream',
  'streamVersion',
  'subjectId',
  'subjectType',
  'type',
  'version',
] as const satisfies readonly (keyof AuditEventRow)[];

const MEMBER_STARTS = HASHED_FIELDS.map((name, index) => `${index === 0 ? '\0{' : ','}"${name}":`);

/**
 * The leaf hash of an event (RFC 6962, 2.1): SHA-256(0x00 ‖ canonical JSON of its hashed fields), 32 bytes.
 * The order of the members is fixed here instead of sorted on every call: this runs for every event written.
 * @throws TypeError for a lone surrogate, a number that is no safe integer and what no column holds.
 */
export function leafHash(event: AuditEventRow): Buffer {
  let text = '';
  for (let index = 0; index < HASHED_FIELDS.length; index++) {
    const name = HASHED_FIELDS[index]!;
    text += MEMBER_STARTS[index]! + memberText(name, event[name]);
  }
  return hash('sha256', `${text}}`, 'buffer');
}

function memberText(name: string, value: unknown): string {
  if (typeof value === 'string' && value.isWellFormed()) return JSON.stringify(value);
  // "+ 0" writes negative zero as RFC 8785 does.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value + 0);
  if (typeof value === 'boolean' || value === null) return String(value);
  throw new TypeError(`The event's ${name} must be a well-formed string, a safe integer, a boolean or null.`);
}
