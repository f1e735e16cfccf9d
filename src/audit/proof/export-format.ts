import { canonicalJson } from '../../kernel/canonical-json.js';
import { malformed } from '../../kernel/domain-error.js';
import type { DomainError } from '../../kernel/domain-error.js';
import { isObject } from '../../kernel/json.js';
import { HASHED_FIELDS } from './leaf-hash.js';
import type { TrailRecord } from './trail.js';

/** Stated in the first line of an export; a change of the format that a reader must know of changes it. */
export const EXPORT_FORMAT = 'proviso-audit-export/1';

/** The members of each kind of line beside `kind`; a line has all of them and no others. */
const MEMBERS: Readonly<Record<TrailRecord['kind'], readonly string[]>> = {
  header: ['format', 'organizationId', 'from', 'treeSize'],
  key: ['keyId', 'publicKey'],
  frontier: ['treeSize', 'hashes'],
  leaves: ['from', 'hashes'],
  event: [...HASHED_FIELDS, 'tx', 'position', 'leafHash'],
  seal: [
    ...['organizationId', 'treeSize', 'root', 'lastEpoch', 'lastTx', 'lastPosition'],
    ...['previousSealHash', 'sealedAt', 'keyId', 'signature'],
  ],
};

/** Writes a trail as NDJSON: one line of canonical JSON a record, each ended by a line feed. */
export async function* exportLines(records: AsyncIterable<TrailRecord>): AsyncGenerator<string> {
  for await (const record of records) yield exportLine(record);
}

function exportLine(record: TrailRecord): string {
  const line: Readonly<Record<string, unknown>> = { ...record, format: EXPORT_FORMAT };
  return `${canonicalJson(Object.fromEntries(['kind', ...MEMBERS[record.kind]].map((name) => [name, line[name]])))}\n`;
}

/**
 * Reads an export, given as text in pieces of any length.
 * @throws DomainError `audit-export-malformed` for the first line that is not as `exportLines` writes it.
 */
export async function* parseExport(chunks: AsyncIterable<string>): AsyncGenerator<TrailRecord> {
  let number = 0;
  for await (const line of textLines(chunks)) {
    number += 1;
    yield parseLine(line, number);
  }
  if (number === 0) throw malformedExport(1, 'there is no header');
}

/** Splits at line feeds alone: a payload may hold U+2028, which some line readers take for the end of a line. */
async function* textLines(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function parseLine(line: string, number: number): TrailRecord {
  const value = parseJson(line, number);
  // Otherwise a member said twice would show one value to one reader and another to the next.
  if (canonicalJson(value) !== line) throw malformedExport(number, 'it is not canonical JSON');
  if (!isRecord(value)) throw malformedExport(number, 'it has no known kind or not exactly the members of its kind');
  if ((number === 1) !== (value.kind === 'header'))
    throw malformedExport(number, 'a header is the first line and no other');
  if (value.kind === 'header') return parseHeader(value, number);
  return value;
}

function parseJson(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw malformedExport(number, 'it is no JSON');
  }
}

function isRecord(value: unknown): value is TrailRecord {
  if (!isObject(value)) return false;
  const members = Object.entries(MEMBERS).find(([kind]) => kind === value['kind'])?.[1];
  return members?.every((name) => name in value) === true && Object.keys(value).length === members.length + 1;
}

function parseHeader(header: TrailRecord & { kind: 'header' }, number: number): TrailRecord {
  const { format, ...record } = { format: undefined, ...header };
  if (format !== EXPORT_FORMAT) throw malformedExport(number, `its format is not ${EXPORT_FORMAT}`);
  return record;
}

const malformedExport = (number: number, reason: string): DomainError =>
  malformed('audit-export-malformed', `Line ${number} of the export cannot be read: ${reason}; export it again.`, {
    line: number,
  });
