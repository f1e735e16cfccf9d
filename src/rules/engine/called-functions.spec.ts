import { expect, it } from '@jest/globals';
import type { JsonValue } from '../../kernel/json.js';
import { functionsCalledBy } from './called-functions.js';

it('names the functions that a condition calls, each once, however deep', () => {
  const condition: JsonValue = {
    and: [{ fn: ['outer', { fn: ['inner', 1] }] }, { map: [[1], { fn: 'lone' }] }, [{ fn: ['outer'] }]],
  };
  expect(functionsCalledBy({ condition })).toEqual(['outer', 'inner', 'lone']);
});

it('takes neither data nor field conditions for calls', () => {
  expect(functionsCalledBy({ condition: { preserve: { fn: ['quoted'] } } })).toEqual([]);
  expect(functionsCalledBy({ condition: { fn: [{ var: 'computed' }] } })).toEqual([]);
  expect(functionsCalledBy({ conditions: [{ field: 'a', operator: 'equals', value: { fn: ['x'] } }] })).toEqual([]);
});
