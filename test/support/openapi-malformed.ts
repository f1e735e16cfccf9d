import { type AnySchema, Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Schema } from './openapi-document.js';

/** A request body that must be refused, and why. */
export interface MalformedBody {
  readonly fault: string;
  readonly bytes: Buffer;
}

/** Bodies of each route at most that are wrong by its schema alone. */
const MOST_BY_SCHEMA = 250;
const LEAST = 200;

const ajv = new Ajv2020({ strict: false, allErrors: false, ownProperties: true });
addFormats.default(ajv);

/** Whether the document allows a body. */
const checkOf = (schema: Schema): ((body: unknown) => boolean) => ajv.compile(schema as AnySchema);

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** At least 200 bodies that a route must refuse, different from one another and the same in each run. */
export function malformedBodies(schema: Schema | undefined, valid: object, seed: number): MalformedBody[] {
  const random = randomFrom(seed);
  const isAllowed = schema ? checkOf(schema) : () => true;
  if (!isAllowed(valid)) throw new Error(`The document refuses the valid body ${JSON.stringify(valid)}.`);
  const bySchema = schema ? strangeBodies(schema, valid).filter(({ body }) => !isAllowed(body)) : [];
  const bodies = [
    ...sampleOf(bySchema, MOST_BY_SCHEMA, random).map(({ fault, body }) => textual(fault, JSON.stringify(body))),
    ...poisoned(valid),
    ...notJson(JSON.stringify(valid)),
  ];
  const distinct = new Map(bodies.map((body) => [body.bytes.toString('latin1'), body]));
  while (distinct.size < LEAST) {
    const body = corrupted(JSON.stringify(valid), random);
    distinct.set(body.bytes.toString('latin1'), body);
  }
  return [...distinct.values()];
}

/** Bodies that the schema allows, each strange in one place; up to 25 a route, the same in each run. */
export function allowedBodies(schema: Schema, valid: object, seed: number): Record<string, unknown>[] {
  const isAllowed = checkOf(schema);
  const bodies = strangeBodies(schema, valid).filter(({ body }) => isAllowed(body));
  return sampleOf(bodies, 25, randomFrom(seed)).map(({ body }) => body as Record<string, unknown>);
}

const textual = (fault: string, text: string): MalformedBody => ({ fault, bytes: Buffer.from(text) });

function sampleOf<T>(values: readonly T[], most: number, random: () => number): T[] {
  const order = values.map((value) => ({ value, rank: random() })).sort((one, other) => one.rank - other.rank);
  return order.slice(0, most).map(({ value }) => value);
}

interface StrangeBody {
  readonly fault: string;
  readonly body: unknown;
}

/** Values that some field or other cannot take. */
const values: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 1e21, -1e308, 2 ** 53, '', ' ', 'x', '0', 'null', '-1', '1e3', '../../etc/passwd'],
  ...["' or 1=1 --", '${7*7}', '{{constructor}}', 'é'.repeat(300), 'x'.repeat(20_000), '2026-02-30T00:00:00Z', '12:00'],
  ...['not-a-uuid', '00000000-0000-0000-0000-00000000000g', 'a@b', 'http://', 'javascript:alert(1)', '1.999', 'NaN'],
  ...[
    [],
    [null],
    [[]],
    ['x'],
    Array<string>(1001).fill('x'),
    {},
    { x: 1 },
    { length: 1 },
    { toString: 1 },
    { then: 1 },
  ],
];

const unknownMembers = [
  'unknown',
  'toString',
  'constructor',
  'hasOwnProperty',
  'then',
  'id ',
  'organizationId',
  '$ref',
  '',
];

/** Each place of the body with each value, without it, and with members that it does not have; some are allowed. */
function strangeBodies(schema: Schema, valid: object): StrangeBody[] {
  return placesOf(schema, valid).flatMap(({ path, isObject }) => {
    const at = `#/${path.join('/')}`;
    const replaced = values.map((value) => ({
      fault: `${at} is ${shown(value)}`,
      body: changed(valid, path, () => value),
    }));
    const removed = { fault: `${at} is absent`, body: changed(valid, path, () => undefined) };
    const extended = unknownMembers.map((key) => ({
      fault: `${at} has a member ${key}`,
      body: changed(valid, path, (object) => ({ ...(object as object), [key]: 1 })),
    }));
    return [...(path.length > 0 ? [...replaced, removed] : []), ...(isObject ? extended : [])];
  });
}

const shown = (value: unknown): string => JSON.stringify(value).slice(0, 40);

interface Place {
  readonly path: readonly string[];
  readonly isObject: boolean;
}

/** The places that a body has, and those of its schema that it has not. */
function placesOf(schema: Schema | undefined, value: unknown, path: readonly string[] = []): Place[] {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const keys = new Set([...Object.keys(schema?.properties ?? {}), ...(isObject ? Object.keys(value) : [])]);
  const members = isObject
    ? [...keys].flatMap((key) =>
        placesOf(schema?.properties?.[key], (value as Record<string, unknown>)[key], [...path, key]),
      )
    : [];
  const items = Array.isArray(value)
    ? value.flatMap((item: unknown, index) => placesOf(schema?.items, item, [...path, String(index)]))
    : [];
  return [{ path, isObject }, ...members, ...items];
}

/** A copy with one place changed. */
function changed(value: unknown, path: readonly string[], change: (before: unknown) => unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return change(value);
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (String(index) === key ? changed(item, rest, change) : item));
  const object = value as Record<string, unknown>;
  return { ...object, [key]: changed(object[key], rest, change) };
}

const nested = (depth: number, open: string, close: string): string => open.repeat(depth) + close.repeat(depth);

/** JSON texts that no field may hold, however open it is. */
const poison: Readonly<Record<string, string>> = {
  'a NUL character': '"a\\u0000b"',
  'half of a surrogate pair': '"\\ud83d"',
  'the other half of a surrogate pair': '"\\udc00x"',
  'a key with half of a surrogate pair': '{"\\ud83d":1}',
  'a key with NUL': '{"\\u0000":1}',
  'a member __proto__': '{"__proto__":{"isAdmin":true}}',
  'a member __proto__ in a list': '[[{"__proto__":null}]]',
  'an escaped member __proto__': '{"\\u005f_proto__":1}',
  'a prototype behind constructor': '{"constructor":{"prototype":{"isAdmin":true}}}',
  'the same member twice': '{"a":1,"a":2}',
  'the same member twice, once escaped': '{"a":1,"\\u0061":2}',
  'a number that is too large': '1e400',
  'lists 70 deep': nested(70, '[', ']'),
  'objects 70 deep': `${'{"a":'.repeat(70)}1${'}'.repeat(70)}`,
  'lists 5,000 deep': nested(5000, '[', ']'),
  'lists 100,000 deep': nested(100_000, '[', ']'),
};

const MARK = '\u0001';

/** The body with something in each of its members that no field may hold. */
function poisoned(valid: object): MalformedBody[] {
  return ['extra', ...Object.keys(valid).slice(0, 3)].flatMap((key) =>
    Object.entries(poison).map(([fault, text]) => {
      const marked = JSON.stringify({ ...valid, [key]: MARK });
      return textual(
        `#/${key} is ${fault}`,
        marked.replace(JSON.stringify(MARK), () => text),
      );
    }),
  );
}

/** Byte sequences that are no UTF-8 (RFC 3629). */
const notUtf8: readonly (readonly number[])[] = [
  ...[[0x80], [0xbf], [0xc0, 0x80], [0xc1, 0xbf], [0xc3], [0xe0, 0x80, 0x80], [0xe2, 0x82], [0xed, 0xa0, 0x80]],
  ...[[0xed, 0xbf, 0xbf], [0xf0, 0x80, 0x80, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff], [0xfe]],
];

function notJson(valid: string): MalformedBody[] {
  const texts = [
    ...['', ' ', '\n', 'null', 'true', '0', '"text"', '[]', '[{}]', 'undefined', 'NaN', "{'a':1}", '{a:1}', '{"a":1,}'],
    ...['{', '}', '{}{}', '{} x', '{"a"}', '{"a":}', '{"a":01}', '{"a":+1}', '{"a":.5}', '{"a":0x1}', '{"a":Infinity}'],
    ...['{"a":"\t"}', '{"a":"\\x41"}', '{"a":"\\u12"}', '{/**/}', '{"a":1}//', '\u00a0{}', '<a/>', 'a=1&b=2', '\0'],
    ...[valid.slice(0, -1), valid.slice(0, valid.length / 2), valid.slice(1), `${valid}]`, `[${valid}]`, valid + valid],
    `${valid.slice(0, -1)}${valid === '{}' ? '' : ','}"padding":"${'x'.repeat(1024 * 1024)}"}`,
  ];
  return [
    ...texts.map((text) => textual(`no JSON object: ${text.slice(0, 40)}`, text)),
    ...notUtf8.map((bytes) => ({
      fault: `no UTF-8: ${Buffer.from(bytes).toString('hex')}`,
      bytes: Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}')]),
    })),
    { fault: 'UTF-16', bytes: Buffer.from(`\ufeff${valid}`, 'utf16le') },
  ];
}

/** The body with bytes that are no UTF-8 somewhere in it. */
function corrupted(valid: string, random: () => number): MalformedBody {
  const at = Math.floor(random() * (valid.length + 1));
  const bytes = Buffer.from([0x80 + Math.floor(random() * 0x40), Math.floor(random() * 0x20)]);
  const text = Buffer.from(valid);
  return {
    fault: `no UTF-8 at byte ${at}: ${bytes.toString('hex')}`,
    bytes: Buffer.concat([text.subarray(0, at), bytes, text.subarray(at)]),
  };
}
