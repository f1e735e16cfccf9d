import { describe, expect, it } from '@jest/globals';
import { conflict, DomainError, invalid, notFound, stale, unavailable } from '../../kernel/domain-error.js';
import { failureOf, retryable } from './failure.js';

describe('retryable', () => {
  it.each([unavailable('away', 'Away.'), stale('Old.'), conflict('taken', 'Taken.'), new TypeError('undefined')])(
    'tries again after %s',
    (error) => expect(retryable(error)).toBe(true),
  );

  it.each([invalid('wrong', 'Wrong.'), notFound('Lead', 'x'), new DomainError('forbidden', 'no', 'No.')])(
    'does not after %s',
    (error) => expect(retryable(error)).toBe(false),
  );
});

describe('failureOf', () => {
  it('tells a domain error in its own words', () => {
    expect(failureOf(invalid('no-mail', 'No address.'))).toEqual({ code: 'no-mail', message: 'No address.' });
  });

  it('leaves out what a database driver quotes of the rows', () => {
    const error = Object.assign(new Error("insert into users values ('ann@example.com')"), {
      name: 'UniqueConstraintViolationException',
      code: '23505',
      constraint: 'users_email_unique',
    });
    const failure = failureOf(error);
    expect(failure).toEqual({
      code: '23505',
      message: 'The database refused a statement (UniqueConstraintViolationException at users_email_unique).',
    });
  });

  it('names other errors and keeps messages short', () => {
    expect(failureOf(new RangeError('x'.repeat(900)))).toEqual({ code: 'RangeError', message: 'x'.repeat(500) });
    expect(failureOf('text')).toEqual({ code: 'string', message: 'Something that is no Error was thrown.' });
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(failureOf(refused)).toEqual({ code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' });
  });
});
