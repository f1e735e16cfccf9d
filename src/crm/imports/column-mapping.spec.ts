import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DomainError } from '../../kernel/domain-error.js';
import { importFields, mapColumns, mapRecord, parseMapping } from './column-mapping.js';

const header = ['Company', 'contact.firstName', 'contact.lastName', 'Mail', 'Seats', 'Notes'];
const mapping = { Company: 'company.name', Mail: 'contact.email', Seats: 'requirements.seats', Notes: null };
const errorOf = (work: () => unknown): DomainError | undefined => {
  try {
    work();
  } catch (error) {
    return error as DomainError;
  }
  return undefined;
};

describe('column mapping', () => {
  it('fills fields from columns, leaves out what is empty or unwanted, and calls the rest an import', () => {
    const columns = mapColumns(header, mapping);
    expect(mapRecord([' Bistro ', 'Ann', '', 'ann@bistro.example', '40', 'x'], columns)).toEqual({
      source: 'import',
      company: { name: 'Bistro' },
      contact: { firstName: 'Ann', email: 'ann@bistro.example' },
      requirements: { seats: '40' },
    });
  });

  it('reads a score as a number, and leaves one that is none to be refused', () => {
    const columns = mapColumns([...importFields]);
    const scoreAt = importFields.indexOf('score');
    const score = (text: string): unknown => mapRecord([...Array<string>(scoreAt).fill(''), text], columns)['score'];
    expect([score('7'), score('high'), score('')]).toEqual([7, 'high', undefined]);
  });

  it('keeps what one writes into each field under our own names', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^\w{1,9}$/), { minLength: 14, maxLength: 14 }), (texts) => {
        const lead = mapRecord(texts, mapColumns([...importFields])) as Record<string, unknown>;
        importFields.forEach((field, index) => {
          const value = field.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], lead);
          expect(String(value)).toBe(
            field === 'score' && /^\d{1,3}$/.test(texts[index]!) ? String(Number(texts[index])) : texts[index],
          );
        });
      }),
    );
  });

  it('says which columns it does not know, which are missing, and which meet', () => {
    expect(errorOf(() => mapColumns(['Company', 'toString'], mapping))?.details).toEqual({ columns: ['toString'] });
    expect(errorOf(() => mapColumns(['Company', 'Mail'], mapping))?.details).toEqual({
      fields: ['contact.firstName', 'contact.lastName'],
    });
    expect(errorOf(() => mapColumns([...header, 'contact.email'], mapping))?.code).toBe('repeated-field');
  });

  it.each(['', '[]', '{"A":"company.nam"}', '{"A":1}', '{"A":"requirements.__proto__"}'])(
    'refuses the mapping %s',
    (text) => {
      expect(errorOf(() => parseMapping(text))?.code).toBe('invalid-mapping');
    },
  );
});
