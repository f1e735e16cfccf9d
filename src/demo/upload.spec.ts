import { describe, expect, it } from '@jest/globals';
import { madeUpLeads, readProspects, uploadOf } from './upload.js';

const HEADER = 'ProspectID,LeadOrigin,LeadSource,TotalVisits,TotalTime,PageViews,Specialization,Occupation,Converted';
const ID = '95caf95f-6873-6558-7d21-88235eee7dd3';

describe('the upload', () => {
  const leads = madeUpLeads(500, 100);
  const { body, expected } = uploadOf(leads);
  const rows = body.trimEnd().split('\n');

  it('holds every lead, 30 of them again and 30 rows that are none', () => {
    expect(expected).toEqual({ total: 160, created: 100, duplicate: 30, rejected: 30 });
    expect(rows).toHaveLength(160);
    expect(rows.slice(0, 100).map((row) => JSON.parse(row) as unknown)).toEqual(leads);
  });

  it('repeats leads under another spelling of their e-mail', () => {
    const known = new Set(leads.map(({ contact }) => contact.email));
    const repeated = rows.slice(100, 130).map((row) => (JSON.parse(row) as (typeof leads)[number]).contact.email);
    expect(repeated.filter((email) => known.has(email))).toEqual([]);
    expect(new Set(repeated.filter((email) => known.has(email.toLowerCase()))).size).toBe(30);
  });

  it('promises no more duplicates than there are leads', () => {
    expect(uploadOf(leads.slice(0, 3)).expected).toEqual({ total: 9, created: 3, duplicate: 3, rejected: 3 });
  });
});

describe('a file of prospects', () => {
  it('is read with quoted commas', () => {
    const [lead] = readProspects(`${HEADER}\n${ID},API,Google,2,88,1,"Banking, Investment",Student,0\n`);
    expect(lead).toMatchObject({
      source: 'website',
      contact: { email: `${ID}@leads.example` },
      requirements: { specialization: 'Banking, Investment', totalTimeSeconds: 88 },
    });
  });

  it('is refused when it is another file', () => {
    expect(() => readProspects('name,mail\nAnn,ann@example.com\n')).toThrow('ProspectID');
  });
});
