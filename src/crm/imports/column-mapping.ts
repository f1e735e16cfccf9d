import { invalid, malformed } from '../../kernel/domain-error.js';
import { isObject, type JsonObject } from '../../kernel/json.js';

/** The fields of a lead that a column may fill; beside them `requirements.<name>`. */
export const importFields = [
  'source',
  'sourceDetail',
  'score',
  'assigneeId',
  'company.name',
  'company.industry',
  'company.size',
  'company.website',
  'company.annualRevenue',
  'contact.firstName',
  'contact.lastName',
  'contact.title',
  'contact.email',
  'contact.phone',
] as const;

const REQUIRED: readonly string[] = ['company.name', 'contact.firstName', 'contact.lastName', 'contact.email'];

/** The field that each column fills, in the order of the columns; null for one that is left out. */
export type ColumnMapping = readonly (readonly string[] | null)[];

const isField = (name: string): boolean =>
  (importFields as readonly string[]).includes(name) || /^requirements\.[A-Za-z]\w{0,62}$/.test(name);

/**
 * What the caller says about columns, `{"Company": "company.name", "Notes": null}`.
 * @throws malformed `invalid-mapping`
 */
export function parseMapping(text: string): Readonly<Record<string, string | null>> {
  const mapping = parse(text);
  const isMapping =
    isObject(mapping) &&
    Object.values(mapping).every((field) => field === null || (typeof field === 'string' && isField(field)));
  if (isMapping) return mapping as Record<string, string | null>;
  throw malformed('invalid-mapping', 'The mapping must be a JSON object from column names to fields or null.', {
    fields: [...importFields, 'requirements.<name>'],
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * Finds the field of each column: what the mapping says, else the field of that name.
 * @throws invalid `unknown-columns`, `repeated-field` or `missing-columns`
 */
export function mapColumns(
  header: readonly string[],
  mapping: Readonly<Record<string, string | null>> = {},
): ColumnMapping {
  const named = header.map((column) => column.trim());
  const fields = named.map((column) => (Object.hasOwn(mapping, column) ? mapping[column]! : column));
  const unknown = named.filter((_, index) => fields[index] !== null && !isField(fields[index]!));
  if (unknown.length > 0) {
    throw invalid('unknown-columns', 'Name a field for every column in the mapping, or null to leave it out.', {
      columns: unknown,
    });
  }
  const used = fields.filter((field) => field !== null);
  const repeated = used.find((field, index) => used.indexOf(field) !== index);
  if (repeated !== undefined) throw invalid('repeated-field', `Two columns fill ${repeated}; leave one of them out.`);
  const missing = REQUIRED.filter((field) => !used.includes(field));
  if (missing.length > 0) {
    throw invalid('missing-columns', `No column fills ${missing.join(', ')}.`, { fields: missing });
  }
  return fields.map((field) => (field === null ? null : field.split('.')));
}

/** A lead from the texts of one record. Empty texts count as absent; a lead without source is an import. */
export function mapRecord(record: readonly string[], mapping: ColumnMapping): JsonObject {
  const lead: Record<string, unknown> = { source: 'import', company: {}, contact: {} };
  mapping.forEach((path, index) => {
    const text = record[index]?.trim() ?? '';
    if (path === null || text === '') return;
    const [first, second] = path as [string, string?];
    if (second === undefined) lead[first] = first === 'score' && /^\d{1,3}$/.test(text) ? Number(text) : text;
    else lead[first] = { ...(lead[first] as object | undefined), [second]: text };
  });
  return lead as JsonObject;
}
