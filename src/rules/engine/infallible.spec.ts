import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { parseFieldConditions } from './field-conditions.js';
import { cannotFail } from './infallible.js';
import { parseJsonLogic } from './json-logic.js';

const schema: JsonObject = {
  type: 'object',
  required: ['text'],
  properties: {
    text: { type: 'string' },
    number: { type: 'number' },
    flag: { type: 'boolean' },
    city: { type: ['string', 'null'] },
    tags: { type: 'array' },
    mixed: { type: ['string', 'number'] },
    shape: { type: 'object', properties: { size: { type: 'number' } } },
    open: {},
  },
};
const isSafe = (logic: JsonValue) => cannotFail(parseJsonLogic(logic, new Map()).expression, schema);
const isSafeField = (field: string, operator: string, value: JsonValue) =>
  cannotFail(parseFieldConditions([{ field, operator, value }]).expression, schema);

const fails = { throw: 'x' };
const open = { var: 'open' };

describe('JSONLogic that cannot fail', () => {
  it.each<[JsonValue]>([
    ['x'],
    [[1, open]],
    [{ var: ['text', 1] }],
    [{ val: ['open', 0] }],
    [{ '===': [open, 1] }],
    [{ and: [open, { or: [{ '!': open }, 0] }] }],
    [{ if: [open, 1, { '??': [open, { now: [] }] }] }],
    [{ '?:': [open, 1, 2] }],
    [{ '!!': { var: 'text' } }],
    [{ preserve: { a: 1 } }],
    [{ exists: ['a', 0] }],
    [{ exists: 'a' }],
    [{ in: [open, ['x']] }],
    [{ '<': [{ var: 'number' }, 5] }],
    [{ '>=': ['a', { var: 'city' }] }],
    [{ '==': [{ var: 'mixed' }, null] }],
    [{ '!=': [{ var: 'flag' }, true] }],
    [{ '<': [{ val: ['number'] }, 5] }],
    [{ '<': [{ val: ['shape', 'size'] }, 5] }],
    [{ '==': [{ var: 'tags' }, null] }],
  ])('%j', (logic) => expect(isSafe(logic)).toBe(true));
});

describe('JSONLogic that may fail', () => {
  it.each<[JsonValue]>([
    [fails],
    [[1, fails]],
    [{ var: ['text', fails] }],
    [{ '===': [fails, 1] }],
    [{ '===': [1] }],
    [{ '===': open }],
    [{ and: open }],
    [{ and: [open, fails] }],
    [{ or: [] }],
    [{ if: { var: 'tags' } }],
    [{ exists: [open] }],
    [{ exists: ['a', open] }],
    [{ exists: ['a', ['b']] }],
    [{ exists: [null] }],
    [{ in: [open, 'text'] }],
    [{ in: ['x', open] }],
    [{ in: [open] }],
    [{ in: [fails, ['x']] }],
    [{ '<': [{ var: 'text' }, 5] }],
    [{ '<': [{ var: 'mixed' }, 5] }],
    [{ '<': [open, 5] }],
    [{ '<': [{ var: 'gone' }, 5] }],
    [{ '<': [{ var: 'number' }, { var: 'number' }] }],
    [{ '<': [{ var: 'number' }, 5, 6] }],
    [{ '==': [{ var: 'tags' }, []] }],
    [{ '==': [{ var: 'text' }, {}] }],
    [{ '==': [{ var: 'shape' }, {}] }],
    [{ '<': [{ var: ['number', 'x'] }, 5] }],
    [{ '+': [{ var: 'number' }, 1] }],
    [{ '<': [{ var: { var: 'text' } }, 5] }],
  ])('%j', (logic) => expect(isSafe(logic)).toBe(false));

  it('a list of one is not the operand of a comparison', () => {
    expect(isSafe({ '<': { var: 'number' } })).toBe(false);
    expect(isSafe({ '==': [[1], 1] })).toBe(false);
  });
});

describe('the field form', () => {
  it.each<[string, string, JsonValue]>([
    ['text', 'equals', 5],
    ['text', 'not_equals', 5],
    ['text', 'in', []],
    ['text', 'not_in', ['x']],
    ['text', 'less_than', 'x'],
    ['text', 'greater_or_equal', null],
    ['text', 'between', ['a', 'b']],
    ['text', 'between', ['a', null]],
    ['text', 'contains', 'x'],
    ['text', 'starts_with', 'x'],
    ['text', 'matches', 'x'],
    ['gone', 'exists', true],
    ['gone', 'is_empty', true],
  ])('of %s %s %j cannot fail', (field, operator, value) => expect(isSafeField(field, operator, value)).toBe(true));

  it.each<[string, string, JsonValue]>([
    ['city', 'equals', 'x'],
    ['city', 'not_in', ['x']],
    ['text', 'less_than', 5],
    ['text', 'between', ['a', 5]],
    ['text', 'between', [5, 'a']],
    ['text', 'between', [[], {}]],
  ])('of %s %s %j may', (field, operator, value) => expect(isSafeField(field, operator, value)).toBe(false));

  it.each([
    ['contains', 'x', ['string', 'null'], true],
    ['contains', 'x', ['array', 'string'], true],
    ['contains', 'x', 'number', false],
    ['starts_with', 'x', ['string', 'null'], true],
    ['starts_with', 'x', 'array', false],
    ['matches', 'x', ['string', 'null'], true],
    ['matches', 'x', ['string', 'number'], false],
    ['less_or_equal', 5, ['number', 'null'], true],
    ['greater_than', 5, ['number', 'string'], false],
  ])('%s %j over a %j: %p', (operator, value, type, expected) => {
    const required = { type: 'object', required: ['x'], properties: { x: { type } } };
    const { expression } = parseFieldConditions([{ field: 'x', operator, value }]);
    expect(cannotFail(expression, required)).toBe(expected);
  });
});
