import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { compileContextSchema } from './context-schema.js';

const messagesOf = (schema: JsonObject, context: unknown): string[] =>
  compileContextSchema(schema)(context).map(({ pointer, message }) => `${pointer} ${message}`);

const textOf = (piece: string, length: number): string => piece.repeat(length).slice(0, length);
const levelOf = (i: number): JsonObject =>
  i === 39 ? { type: 'object' } : { allOf: [1, 2].map(() => ({ $ref: `#/$defs/level${i + 1}` })) };
const doubling: JsonObject = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`level${i}`, levelOf(i)]));
const both = [1, 2].map(() => ({ properties: { a: { $ref: '#' } } }));
const deepest = (levels: number): JsonObject => (levels === 0 ? {} : { a: deepest(levels - 1) });

/** Schemas and contexts that would hold the process for minutes, or for ever. */
const bombs: readonly (readonly [name: string, schema: JsonObject, context: JsonValue])[] = [
  ['references that double', { $defs: doubling, $ref: '#/$defs/level0' }, {}],
  ['references that double with each level of the context', { allOf: both }, deepest(60)],
  ['a reference to itself', { $ref: '#' }, {}],
  ['a reference to itself among others', { anyOf: [{ type: 'string' }, { $ref: '#' }] }, {}],
  [
    'a thousand subschemas for each item',
    { items: { allOf: Array(1_000).fill({ type: 'number' }) as JsonValue[] } },
    Array(50_000).fill(1) as number[],
  ],
  [
    'a long enum for each item',
    { items: { enum: Array.from({ length: 20_000 }, (_, i) => `v${i}`) } },
    Array(50_000).fill(1) as number[],
  ],
  ['a pattern that would backtrack', { pattern: '^(a+)+$' }, `${textOf('a', 250_000)}!`],
  ['a large pattern over a long text', { pattern: '(a?){150}a{150}' }, textOf('a', 250_000)],
  [
    'a pattern of names',
    { patternProperties: { '^(a|aa)+$': { type: 'number' } } },
    { [`${textOf('a', 50_000)}!`]: '' },
  ],
  ['unique items', { uniqueItems: true }, Array.from({ length: 60_000 }, (_, i) => ({ i }))],
  ...['date-time', 'email', 'hostname', 'ipv6', 'json-pointer', 'regex', 'uri', 'uri-template', 'url', 'uuid'].map(
    (format) => [`the format ${format}`, { format }, `http://a${textOf('a::', 250_000)}!`] as const,
  ),
];

describe('a schema of a context', () => {
  it.each(bombs)('%s: the check ends', (_, schema, context) => {
    const start = performance.now();
    const violations = compileContextSchema(schema)(context);
    expect(violations.length).toBeLessThanOrEqual(50_000);
    // Without limits each takes minutes at least, whatever else the machine does.
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('says when a check was given up', () => {
    expect(messagesOf({ $defs: doubling, $ref: '#/$defs/level0' }, {})).toEqual([
      '# cannot be checked against the schema: The check takes too long.',
    ]);
    expect(messagesOf({ pattern: '(a?){150}a{150}' }, textOf('a', 250_000))[0]).toContain('too long for this pattern');
  });

  it.each<[string, JsonObject, string]>([
    ['promises', { $async: true, type: 'object' }, '$async'],
    ['promises in a definition', { $defs: { a: { $async: true } }, $ref: '#/$defs/a' }, '$async'],
    ['references into data', { enum: [{ type: 'string' }], $ref: '#/enum/0' }, '$ref'],
    ['references elsewhere', { $ref: 'https://example.com/schema' }, '$ref'],
    ['patterns that are too large', { pattern: '(a{100}){10}' }, 'instructions'],
    ['patterns that are none', { pattern: '(' }, 'missing'],
  ])('does not take %s', (_, schema, reason) => {
    expect(() => compileContextSchema(schema)).toThrow(reason);
  });

  it('keeps several patterns apart', () => {
    const schema = {
      properties: { a: { pattern: '^a+$' }, b: { pattern: '^b+$' } },
      patternProperties: { '^x': false },
    };
    expect(messagesOf(schema, { a: 'aa', b: 'bb' })).toEqual([]);
    expect(messagesOf(schema, { a: 'b', b: 'a', x1: 1 })).toHaveLength(3);
  });

  it('gives the same answers as the library alone', () => {
    const leaf = fc.constantFrom<JsonObject>(
      { type: 'number' },
      { type: 'string', minLength: 2 },
      { enum: [1, 'a', null] },
      { const: { a: 1 } },
      { type: 'array', uniqueItems: true },
      { required: ['a'] },
      { pattern: '^a' },
      { pattern: 'b$' },
    );
    const { schema } = fc.letrec<{ schema: JsonObject }>((tie) => ({
      schema: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.record({ allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) }),
        fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) }),
        fc.record({ not: tie('schema') }),
        fc.record({ properties: fc.record({ a: tie('schema'), b: tie('schema') }) }),
        fc.record({ items: tie('schema') }),
      ),
    }));
    const value = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        fc.constantFrom<JsonValue>(1, 'a', 'ab', null),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.record({ a: tie('value'), b: tie('value') }, { requiredKeys: [], noNullPrototype: true }),
      ),
    })).value;
    fc.assert(
      fc.property(schema, fc.array(value, { minLength: 1, maxLength: 5 }), (written, contexts) => {
        const reference = new Ajv2020({ allErrors: true, strict: false }).compile(written);
        const check = compileContextSchema(written);
        for (const context of contexts) expect(check(context).length === 0).toBe(reference(context));
      }),
      { numRuns: 60 },
    );
  });
});
