import { parse } from 'csv-parse/sync';
import { leadOfProspect, type ProspectRecord } from '../crm/crm.contract.js';
import type { JsonObject } from '../kernel/json.js';
import { madeUpLead } from '../seed/made-up-leads.js';

/** What is to become of the rows of an upload. */
export interface Expectation {
  readonly total: number;
  readonly created: number;
  readonly duplicate: number;
  readonly rejected: number;
}

export interface Upload {
  /** NDJSON, one row a line. */
  readonly body: string;
  readonly expected: Expectation;
}

/** A lead as the body of `POST /leads`. */
export type LeadBody = JsonObject & {
  readonly company: JsonObject & { readonly name: string };
  readonly contact: JsonObject & { readonly email: string };
};

/** Rows of each kind that are planted among good ones. */
const PLANTED = 30;
const COLUMNS = ['ProspectID', 'LeadSource', 'TotalVisits', 'TotalTime'];

/** Rows that are no lead, each in a way of its own, made from one that is. */
const faults: readonly ((lead: LeadBody) => string)[] = [
  ({ company, contact: { email: _, ...contact }, ...lead }) => JSON.stringify({ ...lead, company, contact }),
  (lead) => JSON.stringify({ ...lead, contact: { ...lead.contact, email: 'nobody at example' } }),
  (lead) => JSON.stringify({ ...lead, source: 'carrier-pigeon' }),
  (lead) => JSON.stringify({ ...lead, company: { ...lead.company, name: '' } }),
  (lead) => JSON.stringify({ ...lead, colour: 'green' }),
  (lead) => JSON.stringify({ ...lead, score: 101 }),
  (lead) => JSON.stringify({ ...lead, status: 'converted' }),
  (lead) => JSON.stringify(lead).slice(0, -1),
  (lead) => JSON.stringify([lead]),
  (lead) => JSON.stringify({ ...lead, contact: { ...lead.contact, phone: 42 } }),
];

/** The leads of a file with the columns of the prospects' data set. @throws Error when it is another file */
export function readProspects(csv: string): readonly LeadBody[] {
  const records = parse<ProspectRecord>(csv, { columns: true, bom: true, skip_empty_lines: true });
  const missing = COLUMNS.filter((column) => records[0]?.[column] === undefined);
  if (missing.length > 0) throw new Error(`The file of leads has no ${missing.join(', ')}; it needs these columns.`);
  return records.map((record) => leadOfProspect(record) as LeadBody);
}

/** Made-up leads with consecutive numbers. */
export const madeUpLeads = (from: number, count: number): readonly LeadBody[] =>
  Array.from({ length: count }, (_, index) => madeUpLead(from + index) as unknown as LeadBody);

/**
 * An upload of leads of which none is a duplicate, with 30 planted rows that repeat one of them under another spelling of
 * its e-mail, and 30 that are no lead.
 */
export function uploadOf(leads: readonly LeadBody[]): Upload {
  const step = Math.max(1, Math.floor(leads.length / PLANTED));
  const originals = leads.filter((_, index) => index % step === 0).slice(0, PLANTED);
  const repeated = originals.map((lead) => JSON.stringify(inAnotherSpelling(lead)));
  const broken = originals.map((lead, index) => faults[index % faults.length]!(lead));
  const rows = [...leads.map((lead) => JSON.stringify(lead)), ...repeated, ...broken];
  return {
    body: `${rows.join('\n')}\n`,
    expected: {
      total: rows.length,
      created: leads.length,
      duplicate: repeated.length,
      rejected: broken.length,
    },
  };
}

const inAnotherSpelling = (lead: LeadBody): LeadBody => ({
  ...lead,
  company: { ...lead.company, name: `${lead.company.name}, once more` },
  contact: { ...lead.contact, email: lead.contact.email.toUpperCase() },
});
