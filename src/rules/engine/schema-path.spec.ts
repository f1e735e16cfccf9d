import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { parsePath } from './paths.js';
import { isRequiredPath, jsonTypeOf, schemaVerdict } from './schema-path.js';

const verdictOf = (schema: JsonValue, path: string): JsonValue => {
  const verdict = schemaVerdict(schema, parsePath(path));
  return typeof verdict === 'string' ? verdict : [...verdict];
};
const objectOf = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...more,
});

describe('what a schema says about a path', () => {
  const text = { type: 'string' };
  it.each<[string, JsonValue, string, JsonValue]>([
    ['the whole value', objectOf({}), '', ['object']],
    ['a type', objectOf({ a: text }), 'a', ['string']],
    ['an integer is a number', objectOf({ a: { type: 'integer' } }), 'a', ['number']],
    ['several types', objectOf({ a: { type: ['integer', 'null'] } }), 'a', ['number', 'null']],
    [
      'a fixed list',
      objectOf({ a: { enum: ['x', null, [], {}, 1, true] } }),
      'a',
      [...['string', 'null', 'array', 'object', 'number', 'boolean']],
    ],
    ['a constant', objectOf({ a: { const: 1 } }), 'a', ['number']],
    ['a constant null', objectOf({ a: { const: null } }), 'a', ['null']],
    ['the type before the list', objectOf({ a: { type: 'string', enum: [1] } }), 'a', ['string']],
    ['nothing', objectOf({ a: {} }), 'a', 'unknown'],
    ['no schema object', objectOf({ a: true }), 'a', 'unknown'],
    ['no word of it', objectOf({}), 'a', 'unknown'],
    ['others are of a type', objectOf({ b: {} }, { additionalProperties: text }), 'a', ['string']],
    ['there are no others', objectOf({ b: {} }, { additionalProperties: false }), 'a', 'impossible'],
    ['but it may be a list', { type: ['object', 'array'], additionalProperties: false }, 'a', 'unknown'],
    ['no inherited name', objectOf({}, { additionalProperties: false }), 'toString', 'impossible'],
    ['deeper', objectOf({ a: objectOf({ b: text }) }), 'a.b', ['string']],
    ['below a text', objectOf({ a: text }), 'a.b', 'impossible'],
    ['below an open value', objectOf({ a: {} }), 'a.b', 'unknown'],
    ['below what is open in several steps', objectOf({ a: {} }), 'a.b.c', 'unknown'],
    ['below an element of anything', { type: 'array' }, '0.a', 'unknown'],
    ['below a property without a type', { properties: { a: text } }, 'a.b', 'unknown'],
    ['below what cannot be', objectOf({}, { additionalProperties: false }), 'a.b', 'impossible'],
    ['an element', { type: 'array', items: text }, '0', ['string']],
    ['a far element', { type: 'array', items: text }, '12', ['string']],
    ['a length', { type: 'array', items: text }, 'length', 'unknown'],
    ['no number of an element', { type: 'array', items: text }, '1x', 'unknown'],
    ['nor this', { type: 'array', items: text }, 'x1', 'unknown'],
    ['elements of anything', { type: 'array' }, '0', 'unknown'],
    ['properties without a type', { properties: { a: text } }, 'a', 'unknown'],
  ])('%s', (_, schema, path, verdict) => expect(verdictOf(schema, path)).toEqual(verdict));

  it.each(['$ref', '$dynamicRef', 'allOf', 'anyOf', 'oneOf', 'if', 'not', 'dependentSchemas', 'patternProperties'])(
    'nothing plain beside %s',
    (keyword) => {
      expect(verdictOf(objectOf({ a: text }, { [keyword]: {} }), 'a')).toBe('unknown');
      expect(verdictOf(objectOf({ a: { type: 'string', [keyword]: {} } }), 'a')).toBe('unknown');
    },
  );
});

describe('whether a path is required', () => {
  const inner = objectOf({ b: {}, c: objectOf({ d: {} }, { required: ['d'] }) }, { required: ['b', 'c'] });
  const schema = objectOf({ a: inner, o: inner }, { required: ['a'] });
  it.each<[string, boolean]>([
    ['', true],
    ['a', true],
    ['a.b', true],
    ['a.c.d', true],
    ['a.b.x', false],
    ['a.x', false],
    ['o', false],
    ['o.b', false],
  ])('"%s": %p', (path, isRequired) => expect(isRequiredPath(schema, parsePath(path))).toBe(isRequired));

  it('it is when nothing more is said of it, and nothing is below it then', () => {
    const open: JsonObject = { type: 'object', required: ['a'] };
    expect(isRequiredPath(open, ['a'])).toBe(true);
    expect(isRequiredPath(open, ['a', 'b'])).toBe(false);
    expect(isRequiredPath(objectOf({ a: {} }, { required: ['a'] }), ['a', 'b'])).toBe(false);
  });

  it('it is not where something else than an object may stand, or nothing is said of it', () => {
    expect(isRequiredPath({ ...schema, type: ['object', 'null'] }, ['a'])).toBe(false);
    expect(isRequiredPath({ type: 'array', required: ['a'] }, ['a'])).toBe(false);
    expect(isRequiredPath({ required: ['a'] }, ['a'])).toBe(false);
    expect(isRequiredPath({ type: 'object', required: 'abc' }, ['a'])).toBe(false);
    expect(isRequiredPath({ type: 'object' }, ['a'])).toBe(false);
  });
});

it('the type of a value', () => {
  expect([null, [], {}, 'x', 1, true].map((value: JsonValue) => jsonTypeOf(value))).toEqual([
    ...['null', 'array', 'object', 'string', 'number', 'boolean'],
  ]);
});
