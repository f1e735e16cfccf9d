import { expect, it } from '@jest/globals';
import { DomainError } from '../../kernel/domain-error.js';
import { TakesAliases, underOwnNames } from './aliases.js';
import { IntegerField, TextField } from './fields.js';
import { InputPipe } from './validation.js';

const aliases = { entity_type: 'entity', kind: 'entity', page_size: 'limit' };

class Query {
  @IntegerField({ description: 'Items', example: 1, minimum: 1, maximum: 10, fallback: 5 })
  readonly limit!: number;
}

@TakesAliases(aliases)
class ListQuery extends Query {
  @TextField({ description: 'Entity', example: 'lead', maxLength: 10, optional: true })
  readonly entity?: string;
}

class Narrower extends ListQuery {}

const read = (value: unknown, type: 'query' | 'body' = 'query') =>
  new InputPipe().transform(value, { type, metatype: Narrower });
const faultsOf = (value: unknown): unknown => {
  try {
    return read(value, 'body');
  } catch (error) {
    return (error as DomainError).details.violations;
  }
};

it('takes a field under another name, checked and read as the field is', () => {
  expect(read({ entity_type: 'lead', page_size: '3' })).toEqual({ entity: 'lead', limit: 3 });
  expect(read({ entity: 'lead' })).toEqual({ entity: 'lead', limit: 5 });
});

it('refuses both names at once, and names that are inherited', () => {
  expect(faultsOf({ entity: 'lead', entity_type: 'lead' })).toMatchObject([{ pointer: '#/entity_type' }]);
  expect(faultsOf({ kind: 'lead', entity_type: 'lead' })).toMatchObject([{ pointer: '#/entity_type' }]);
  expect(faultsOf({ toString: 1 })).toMatchObject([{ pointer: '#/toString' }]);
});

it('gives a body without other names back as it is', () => {
  const body = { entity: 1, constructor: 2 };
  expect(underOwnNames(body, aliases).named).toBe(body);
});
