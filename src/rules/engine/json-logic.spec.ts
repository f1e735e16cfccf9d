import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '../../kernel/json.js';
import { compileExpression, evaluateOnce } from './compile-expression.js';
import { EvaluationError } from './evaluation-error.js';
import type { RuleFunction } from './expression.js';
import type { Facts } from './facts.js';
import { parseJsonLogic } from './json-logic.js';
import { WORK_LIMIT } from './scope.js';

const facts: Facts = {
  now: '2026-03-01T12:00:00.000Z',
  seed: 's',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: 'u-1', role: 'sales', permissions: ['leads:read'] },
  entity: 'lead',
  entityId: 'l-1',
};

const functions = new Map<string, RuleFunction>([
  ['double', ([value]) => Number(value) * 2],
  [
    'broken',
    () => {
      throw new Error('no luck');
    },
  ],
]);

function evaluate(logic: JsonValue, data: JsonValue = null): JsonValue {
  const { expression, nodeCount, problems } = parseJsonLogic(logic, functions);
  expect(problems).toEqual([]);
  return evaluateOnce(compileExpression(expression, functions), nodeCount, data, facts);
}

const codesOf = (logic: JsonValue) =>
  parseJsonLogic(logic, functions).problems.map(({ code, pointer }) => ({ code, pointer }));

function failure(logic: JsonValue, data: JsonValue = null): EvaluationError {
  try {
    evaluate(logic, data);
  } catch (error) {
    if (error instanceof EvaluationError) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}

describe('hostile names', () => {
  const inherited = ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf', 'isPrototypeOf'];

  it.each(inherited)('"%s" is no operator', (name) => {
    const logic = JSON.parse(`{"${name}": ["x"]}`) as JsonValue;
    expect(codesOf(logic)).toEqual([{ code: 'unknown-operator', pointer: `#/${name}` }]);
  });

  it.each(inherited)('"%s" as a path finds nothing that is inherited', (name) => {
    const data = { a: { b: 1 }, list: [1] };
    expect(evaluate({ var: name }, data)).toBeNull();
    expect(evaluate({ var: `a.${name}` }, data)).toBeNull();
    expect(evaluate({ val: ['list', name] }, data)).toBeNull();
    expect(evaluate({ var: { cat: [name] } }, data)).toBeNull();
    expect(evaluate({ exists: ['a', name] }, data)).toBe(false);
    expect(evaluate({ missing: [`a.${name}`] }, data)).toEqual([`a.${name}`]);
  });

  it.each(inherited)('"%s" as an own key is data like any other', (name) => {
    const data = JSON.parse(`{"${name}": {"x": 7}}`) as JsonValue;
    expect(evaluate({ var: `${name}.x` }, data)).toBe(7);
    expect(evaluate({ val: [name, 'x'] }, data)).toBe(7);
  });

  it('text has no members', () => {
    expect(evaluate({ var: 'name.length' }, { name: 'abc' })).toBeNull();
    expect(evaluate({ var: 'name.0' }, { name: 'abc' })).toBeNull();
  });

  it('an array method is not data, its length is', () => {
    expect(evaluate({ var: 'list.map' }, { list: [1, 2] })).toBeNull();
    expect(evaluate({ var: 'list.length' }, { list: [1, 2] })).toBe(2);
  });
});

describe('refusals', () => {
  it('point to the place, and there is one for each', () => {
    const logic: JsonValue = { and: [{ '==': [1, 1] }, { 'a/b~c': [] }, { if: [{ nope: 1 }, { a: 1, b: 2 }] }] };
    expect(codesOf(logic)).toEqual([
      { code: 'unknown-operator', pointer: '#/and/1/a~1b~0c' },
      { code: 'unknown-operator', pointer: '#/and/2/if/0/nope' },
      { code: 'ambiguous-object', pointer: '#/and/2/if/1' },
    ]);
  });

  it('an object with several keys is data below preserve', () => {
    expect(evaluate({ preserve: { a: 1, b: { var: 'x' } } })).toEqual({ a: 1, b: { var: 'x' } });
  });

  it('nesting cannot exhaust the stack', () => {
    let logic: JsonValue = true;
    for (let i = 0; i < 100_000; i++) logic = { '!': [logic] };
    expect(codesOf(logic).map(({ code }) => code)).toEqual(['too-deep']);
  });

  it('an unknown function, also one with an inherited name or a computed one', () => {
    expect(codesOf({ fn: ['nope', 1] })).toEqual([{ code: 'unknown-function', pointer: '#/fn' }]);
    expect(codesOf({ fn: ['constructor'] }).map(({ code }) => code)).toEqual(['unknown-function']);
    expect(codesOf({ fn: [{ var: 'x' }] }).map(({ code }) => code)).toEqual(['unknown-function']);
  });
});

describe('functions', () => {
  it('are called by name with evaluated arguments', () => {
    expect(evaluate({ fn: ['double', { var: 'x' }] }, { x: 21 })).toBe(42);
  });

  it('that throw fail with their name, and try catches it', () => {
    expect(failure({ fn: ['broken'] })).toMatchObject({
      code: 'function-failed',
      message: expect.stringContaining('broken'),
    });
    expect(evaluate({ try: [{ fn: ['broken'] }, 'saved'] })).toBe('saved');
  });
});

describe('facts', () => {
  it('are read by their names, also inside iterators', () => {
    expect(evaluate({ var: '$user.role' })).toBe('sales');
    expect(evaluate({ var: '$user.permissions.0' })).toBe('leads:read');
    expect(evaluate([{ var: '$entity' }, { val: '$entityId' }])).toEqual(['lead', 'l-1']);
    expect(evaluate({ map: [[1], { var: '$user.id' }] })).toEqual(['u-1']);
  });

  it('cannot be replaced by the context', () => {
    const forged = { $user: { role: 'admin' } };
    expect(evaluate({ var: '$user.role' }, forged)).toBe('sales');
    expect(evaluate({ var: { cat: ['$user', '.role'] } }, forged)).toBe('sales');
  });
});

describe('comparison', () => {
  it('of a missing value with text is false, not an error', () => {
    expect(evaluate({ '==': [{ var: 'size' }, 'enterprise'] }, {})).toBe(false);
    expect(evaluate({ '!=': [{ var: 'size' }, 'enterprise'] }, {})).toBe(true);
    expect(evaluate({ '<': [{ var: 'due' }, '2026-01-01'] }, {})).toBe(false);
  });

  it('strict and membership go by content, so that shared references change nothing', () => {
    const shared = { a: [1, { b: null }] };
    expect(evaluate({ '===': [{ var: 'x' }, { var: 'y' }] }, { x: shared, y: structuredClone(shared) })).toBe(true);
    expect(evaluate({ in: [{ var: 'x' }, [{ preserve: { a: [1, { b: null }] } }]] }, { x: shared })).toBe(true);
    expect(evaluate({ '===': [[1], { preserve: { 0: 1 } }] })).toBe(false);
  });
});

describe('work', () => {
  const items = Array.from({ length: 1_100 }, (_, i) => i);

  it('of nested iterators ends, and try does not catch that', () => {
    const logic: JsonValue = { try: [{ map: [{ var: 'rows' }, { map: [{ val: [[2], 'rows'] }, 1] }] }, 'caught'] };
    expect(failure(logic, { rows: items })).toMatchObject({
      code: 'work-limit',
      message: expect.stringContaining(String(WORK_LIMIT)),
    });
  });

  it.each([
    ['text', { cat: [{ var: 'accumulator' }, { var: 'accumulator' }] }, 'x'],
    ['a list', { merge: [{ var: 'accumulator' }, { var: 'accumulator' }] }, [[1]]],
  ])('of doubling %s ends', (_, body, start) => {
    expect(failure({ reduce: [{ var: 'rows' }, body, start] }, { rows: items }).code).toBe('work-limit');
  });
});

describe('dates and decimals', () => {
  it('now is the frozen clock', () => {
    expect(evaluate({ now: [] })).toBe('2026-03-01T12:00:00.000Z');
  });

  it.each([
    ['2026-01-01', '2026-03-01', 59],
    ['2026-03-01T12:00:00Z', '2026-03-02T11:59:59Z', 0],
    ['2026-03-02', '2026-03-01', -1],
    ['2026-03-01T00:00:00+02:00', '2026-03-01T00:00', 0],
  ])('days between %s and %s are %d', (from, to, days) => {
    expect(evaluate({ days_between: [from, to] })).toBe(days);
  });

  it.each([
    ['2024-01-31', 1, 'months', '2024-02-29T00:00:00.000Z'],
    ['2024-02-29', 1, 'years', '2025-02-28T00:00:00.000Z'],
    ['2026-03-01T12:00:00Z', -2, 'weeks', '2026-02-15T12:00:00.000Z'],
    ['2026-03-01', 90, 'minutes', '2026-03-01T01:30:00.000Z'],
  ])('%s and %d %s is %s', (date, amount, unit, expected) => {
    expect(evaluate({ date_add: [date, amount, unit] })).toBe(expected);
  });

  it.each(['2026-02-30', '2026-13-01', 'yesterday', '1.3.2026', null, 5])('%s is no date', (date) => {
    expect(failure({ days_between: [date, '2026-01-01'] }).code).toBe('invalid-date');
  });

  it.each([
    ['0.30', 0.3, 0],
    ['12345678901234567890.01', '12345678901234567890.02', -1],
    [1e21, '1000000000000000000000', 0],
    ['-2.5', '-2.50001', 1],
  ])('decimal_compare of %s and %s is %d', (a, b, expected) => {
    expect(evaluate({ decimal_compare: [a, b] })).toBe(expected);
  });

  it.each(['1,5', '', true, '1e9999', null])('%p is no decimal', (value) => {
    expect(failure({ decimal_compare: [value, 1] }).code).toBe('not-a-number');
  });
});
