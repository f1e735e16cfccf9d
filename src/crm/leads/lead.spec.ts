import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DomainError } from '../../kernel/domain-error.js';
import { Lead } from './lead.js';
import { type LeadStatus, leadStatuses, leadTransitions } from './lead-status.js';

const now = new Date('2026-11-22T10:00:00Z');
const by = { userId: '0190b3c2-0000-7000-8000-000000000001', now };
const details = {
  source: 'website' as const,
  sourceDetail: null,
  company: { name: 'Bistro Nord', industry: 'restaurant', size: null, website: 'bistro.example', annualRevenue: 100 },
  contact: { firstName: 'Ann', lastName: 'Lee', title: null, email: 'Ann@bistro.example', phone: '+1 415 555 2671' },
  requirements: null,
  score: 0,
  assigneeId: null,
};
const create = (changes: object = {}): Lead =>
  Lead.create({ id: by.userId, organizationId: by.userId }, { ...details, ...changes }, by).lead;
const at = (status: LeadStatus): Lead => Object.assign(create(), { status });
const errorOf = (work: () => unknown): DomainError | undefined => {
  try {
    work();
  } catch (error) {
    return error as DomainError;
  }
  return undefined;
};

describe('Lead', () => {
  it('begins as new, with the keys it is compared by', () => {
    expect(create()).toMatchObject({
      status: 'new',
      foldedEmail: 'ann@bistro.example',
      phoneE164: '+14155552671',
      websiteDomain: 'bistro.example',
    });
  });

  it('goes only where the table says, and otherwise tells where it may go', () => {
    fc.assert(
      fc.property(fc.constantFrom(...leadStatuses), fc.constantFrom(...leadStatuses), (from, to) => {
        const lead = at(from);
        const allowed: readonly string[] = leadTransitions[from];
        const error = errorOf(() => lead.change({ status: to }, now));
        expect(lead.status).toBe(allowed.includes(to) ? to : from);
        if (to === from || allowed.includes(to)) expect(error).toBeUndefined();
        else expect(error).toMatchObject({ kind: 'conflict', details: { allowed } });
      }),
    );
  });

  it('leads every status but the ends to disqualified, and to converted through qualified alone', () => {
    const before = (to: string): string[] =>
      leadStatuses.filter((from) => (leadTransitions[from] as readonly string[]).includes(to));
    expect(before('disqualified')).toEqual(['new', 'contacted', 'nurturing', 'qualified']);
    expect(before('converted')).toEqual(['qualified']);
    expect(before('new')).toEqual([]);
  });

  it('tells what changed, without what is personal', () => {
    const lead = create();
    const events = lead.change(
      { company: { size: 'large' }, contact: { email: 'Bea@bistro.example' }, requirements: { seats: 40 }, score: 30 },
      now,
    );
    expect(events).toEqual([
      {
        type: 'crm.lead-changed',
        version: 1,
        payload: {
          fields: [
            { field: 'requirements' },
            { field: 'company.size', from: null, to: 'large' },
            { field: 'contact.email' },
          ],
        },
      },
      { type: 'crm.lead-scored', version: 1, payload: { from: 0, to: 30 } },
    ]);
    expect(lead.foldedEmail).toBe('bea@bistro.example');
    expect(lead.change({ company: { size: 'large' }, score: 30, status: 'new' }, now)).toEqual([]);
  });

  it('takes from rules the score, the assignee and the status, and nothing else', () => {
    const lead = create();
    lead.changeFields({ 'lead.score': 80, 'lead.assigneeId': by.userId, status: 'contacted' }, now);
    expect(lead).toMatchObject({ score: 80, assigneeId: by.userId, status: 'contacted' });
    expect(errorOf(() => lead.changeFields({ 'lead.company.name': 'X' }, now))?.code).toBe('field-not-writable');
  });

  it('refuses scores that are none', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.double()), (score) => {
        const isScore = Number.isInteger(score) && score >= 0 && score <= 100;
        expect(errorOf(() => create().changeFields({ 'lead.score': score }, now))?.code).toBe(
          isScore ? undefined : 'invalid-score',
        );
      }),
    );
    expect(errorOf(() => create({ score: 101 }))?.code).toBe('invalid-score');
    expect(errorOf(() => create().changeFields({ 'lead.score': '80' }, now))?.code).toBe('invalid-score');
  });

  it('refuses a website that is none, the second of two editors, and changes once deleted', () => {
    const lead = Object.assign(create(), { version: 2 });
    expect(errorOf(() => lead.change({ company: { website: 'javascript:alert(1)' } }, now))?.code).toBe(
      'invalid-website',
    );
    expect(errorOf(() => lead.change({ score: 1 }, now, 1))?.kind).toBe('stale');
    expect(lead.delete(now, 2).map(({ type }) => type)).toEqual(['crm.lead-deleted']);
    expect(errorOf(() => lead.change({ score: 1 }, now))?.kind).toBe('not-found');
  });
});
