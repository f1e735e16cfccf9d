import { describe, expect, it } from '@jest/globals';
import { madeUpLead } from './made-up-leads.js';

const leads = Array.from({ length: 80_000 }, (_, number) => madeUpLead(number));
const distinct = (values: readonly unknown[]): number => new Set(values).size;

describe('made-up leads', () => {
  it('are the same each time', () => {
    expect(madeUpLead(4711)).toEqual(madeUpLead(4711));
  });

  it('share no e-mail, website or phone number, so that none is a duplicate', () => {
    const phones = leads.map(({ contact }) => contact.phone).filter((phone) => phone !== null);
    expect(distinct(leads.map(({ contact }) => contact.email))).toBe(leads.length);
    expect(distinct(leads.map(({ company }) => company.website))).toBe(leads.length);
    expect(distinct(phones)).toBe(phones.length);
  });

  it('hold every kind of lead that the shipped rules tell apart, already among the first 200', () => {
    const first = leads.slice(0, 200);
    expect(distinct(first.map(({ source }) => source))).toBe(7);
    expect(distinct(first.map(({ company }) => company.size))).toBe(4);
    expect(first.some(({ contact }) => contact.phone === null)).toBe(true);
  });

  it('have addresses that nobody can own', () => {
    expect(leads.every(({ contact }) => contact.email.endsWith('.example'))).toBe(true);
  });
});
