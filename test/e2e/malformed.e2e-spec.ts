import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeCursor } from '../../src/kernel/page.js';
import { startApplication, type TestApplication } from '../support/application.js';
import { type Operation, parametersIn, readOperations } from '../support/openapi-document.js';
import { bodiesFor, headersFor, makeFor, prepare, urlOf } from '../support/openapi-fixtures.js';
import { allowedBodies, malformedBodies, randomFrom } from '../support/openapi-malformed.js';
import { type Answer, type Body, type Call, Organization } from '../support/openapi-organization.js';
import { countRowsAtRest } from '../support/openapi-row-counts.js';

let proviso: TestApplication;
let operations: Operation[];
let owners: Organization;

beforeAll(async () => {
  proviso = await startApplication();
  operations = await readOperations(proviso);
  owners = new Organization(proviso, 'owner@demo.test');
  await prepare(owners);
});

afterAll(() => proviso.stop());

/** Each test takes seconds on a quiet machine. */
const SLOW_MACHINE_MS = 300_000;

const PROBLEM = 'application/problem+json';

const isRefusal = ({ status, type, text }: Answer): boolean =>
  status >= 400 && status < 500 && type === PROBLEM && (JSON.parse(text) as { status: number }).status === status;

/** A route with what it addresses made and with a valid body. */
async function targetOf(operation: Operation): Promise<{ operation: Operation; url: string; valid: Body }> {
  const [valid = {}] = await bodiesFor(operation, owners);
  return { operation, url: urlOf(operation, await makeFor(operation, owners)), valid };
}

const told = ({ status, text }: Answer): string => `${status} ${text.slice(0, 200)}`;

describe('bodies that the document forbids', () => {
  it(
    'are refused, 200 and more on every route, and leave no row',
    async () => {
      const taking = operations.filter(({ method, takesStream }) => method !== 'GET' && !takesStream);
      const targets = await Promise.all(taking.map(targetOf));
      const before = await countRowsAtRest(proviso.database.url);
      const faults: string[] = [];
      for (const [index, { operation, url, valid }] of targets.entries()) {
        const bodies = malformedBodies(operation.body, valid as object, index);
        expect(bodies.length).toBeGreaterThanOrEqual(200);
        for (const { fault, bytes } of bodies) {
          const answer = await owners.send({ method: operation.method, url, body: bytes });
          if (!isRefusal(answer)) faults.push(`${operation.key} ${fault}: ${told(answer)}`);
        }
      }
      expect(faults).toEqual([]);
      expect(await countRowsAtRest(proviso.database.url)).toEqual(before);
    },
    SLOW_MACHINE_MS,
  );

  it('are refused by media type and encoding before they are read', async () => {
    const faults: string[] = [];
    for (const { operation, url, valid } of await Promise.all(operations.filter(({ body }) => body).map(targetOf))) {
      for (const headers of foreignMedia) {
        const answer = await owners.send({ method: operation.method, url, body: valid, headers });
        if (answer.status !== 415) faults.push(`${operation.key} ${JSON.stringify(headers)}: ${told(answer)}`);
      }
    }
    expect(faults).toEqual([]);
  });
});

const foreignMedia: readonly Record<string, string>[] = [
  ...['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml'],
  ...['text/csv', 'application/jsonp', 'json', 'application/json; charset=latin1', 'application/json; charset=utf-16'],
].map((type) => ({ 'content-type': type }));

/** Calls whose answers are an error of ours, or no problem document. */
async function faultsAmong(calls: readonly Call[]): Promise<string[]> {
  const faults: string[] = [];
  for (const call of calls) {
    const answer = await owners.send(call);
    if (answer.status >= 400 && !isRefusal(answer)) {
      const { method, url, headers, body } = call;
      faults.push(`${method} ${url.slice(0, 200)} ${JSON.stringify({ headers, body }).slice(0, 200)}: ${told(answer)}`);
    }
  }
  return faults.slice(0, 50);
}

const callOf = ({ operation, url, valid }: { operation: Operation; url: string; valid: Body }): Call => ({
  method: operation.method,
  url,
  headers: headersFor(operation),
  ...(operation.method !== 'GET' && { body: valid }),
});

/** The routes of the API, probes and pages apart. */
const examined = (): Operation[] => operations.filter(({ path }) => path.startsWith('/api/'));

describe('no request is answered with an error of ours', () => {
  it(
    'whatever strange values the document allows in a body',
    async () => {
      const calls: Call[] = [];
      for (const [index, operation] of examined().entries()) {
        if (!operation.body) continue;
        const target = await targetOf(operation);
        for (const body of allowedBodies(operation.body, target.valid as object, index)) {
          calls.push({ ...callOf(target), body });
        }
      }
      expect(calls.length).toBeGreaterThan(200);
      expect(await faultsAmong(calls)).toEqual([]);
    },
    SLOW_MACHINE_MS,
  );

  it(
    'whatever stands in the path',
    async () => {
      const addressing = examined().filter(({ path }) => path.includes('{'));
      const calls = await Promise.all(
        addressing.map(async (operation) => {
          const call = callOf(await targetOf(operation));
          return strangeTexts.map((text) => ({ ...call, url: operation.path.replace(/\{\w+\}/g, () => text) }));
        }),
      );
      expect(await faultsAmong(calls.flat())).toEqual([]);
    },
    SLOW_MACHINE_MS,
  );

  it(
    'whatever stands in the query',
    async () => {
      const calls = examined()
        .filter(({ method }) => method === 'GET')
        .map(async (operation) => {
          const call = callOf(await targetOf(operation));
          const names = [...parametersIn(operation, 'query').map(({ name }) => name), '__proto__'];
          return names.flatMap((name) =>
            strangeQueries(name).map((query) => ({ ...call, url: `${call.url}?${query}` })),
          );
        });
      expect(await faultsAmong((await Promise.all(calls)).flat())).toEqual([]);
    },
    SLOW_MACHINE_MS,
  );

  it(
    'whatever a cursor holds',
    async () => {
      const calls = examined()
        .filter((operation) => parametersIn(operation, 'query').some(({ name }) => name === 'cursor'))
        .map(async (operation) => {
          const call = callOf(await targetOf(operation));
          const sorts = parametersIn(operation, 'query').find(({ name }) => name === 'sort')?.schema.enum ?? [''];
          return sorts.flatMap((sort) =>
            strangeCursors().map((cursor) => ({
              ...call,
              url: `${call.url}?cursor=${cursor}${sort === '' ? '' : `&sort=${String(sort)}`}`,
            })),
          );
        });
      const all = (await Promise.all(calls)).flat();
      expect(all.length).toBeGreaterThan(200);
      expect(await faultsAmong(all)).toEqual([]);
    },
    SLOW_MACHINE_MS,
  );

  it(
    'whatever stands in the headers',
    async () => {
      const calls = examined().map(async (operation) => {
        const names = [...parametersIn(operation, 'header').map(({ name }) => name.toLowerCase()), 'x-correlation-id'];
        const call = callOf(await targetOf(operation));
        return names.flatMap((name) =>
          (strangeHeaders[name] ?? []).map((value) => ({ ...call, headers: { ...call.headers, [name]: value } })),
        );
      });
      const all = (await Promise.all(calls)).flat();
      expect(all.length).toBeGreaterThan(200);
      expect(await faultsAmong(all)).toEqual([]);
    },
    SLOW_MACHINE_MS,
  );

  it(
    'whatever rows are streamed',
    async () => {
      const calls = operations
        .filter(({ takesStream }) => takesStream)
        .flatMap(({ method, path }) =>
          ['text/csv', 'application/x-ndjson'].flatMap((type) =>
            strangeStreams.map((body) => ({ method, url: path, body, headers: { 'content-type': type } })),
          ),
        );
      expect(await faultsAmong(calls)).toEqual([]);
    },
    SLOW_MACHINE_MS,
  );
});

const strangeTexts: readonly string[] = [
  ...['nonsense', '%00', '%ff', '%E0%A4', '%', '%2e%2e', '%2F', '%5C', 'null', '-1', '0', '%F0%9F%92%A9', '%0d%0aX:1'],
  ...['__proto__', 'constructor', 'toString', 'x'.repeat(101), 'x'.repeat(5000), "'%20or%201=1--", '%ED%A0%80', '*'],
  ...[
    '00000000-0000-0000-0000-000000000000',
    'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
    '{id}',
    'a.b',
    'guard.order.placed',
  ],
];

const strangeQueries = (name: string): string[] => [
  ...[
    ...[
      '',
      '%00',
      '%ff',
      '%F0%9F%92%A9',
      '__proto__',
      'x'.repeat(101),
      "'%20or%201=1--",
      '%25',
      '%5C%25',
      '-1',
      '0',
      '1.5',
    ],
    ...['1e3', '9007199254740993', '99999999999999999999', 'NaN', 'infinity', '2026-11-22', '0000-01-01T00:00:00Z'],
    ...['0001-01-01T00:00:00%2B14:00', '9999-12-31T23:59:59.999999999-14:00', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF'],
    ...['lead:0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44', ':', '[]', '{"__proto__":1}', '{"a":{"b":1}}', '{"a":"b"}'],
  ].map((text) => `${name}=${text}`),
  ...[name, `${name}=1&${name}=2`, `${name}[]=1`, `${name}[a]=1`],
];

/** Lists of every length with every kind of value, as cursors. */
function strangeCursors(): string[] {
  const parts = [
    ...['', 'x', '0', 'NaN', 'infinity', '-infinity', '0000-01-01T00:00:00Z', '2026-11-22T09:30:00.000Z', 'epoch'],
    ...[
      '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44',
      'a\u0000b',
      '\ud800',
      'x'.repeat(300),
      0,
      -1,
      1.5,
      1e300,
      2 ** 53,
      null,
    ],
  ];
  const random = randomFrom(7);
  const pick = (): string | number | null => parts[Math.floor(random() * parts.length)]!;
  const uniform = [1, 2, 3, 4].flatMap((length) => parts.map((part) => Array<typeof part>(length).fill(part)));
  const mixed = Array.from({ length: 30 }, (_, index) => Array.from({ length: 1 + (index % 4) }, pick));
  const wrong = ['null', '{}', '[[]]', '[true]', '[{}]', 'x', ''].map((text) =>
    Buffer.from(text).toString('base64url'),
  );
  return [...[...uniform, ...mixed].map(encodeCursor), ...wrong, '-', 'AAAA', 'x'.repeat(1001)];
}

/** By the name of the header. */
const strangeHeaders: Readonly<Record<string, readonly string[]>> = {
  'if-match': ['', '*', 'W/"1"', '"0"', '"999999999"', '"9999999999"', '"\u00e9"'],
  'idempotency-key': ['', ' ', 'a b', '\u00e9', 'x'.repeat(256), '\u007f', "';--", '__proto__', 'constructor'],
  'last-event-id': ['', 'x', '1', '1.0.0', '-1.0', '9999999999.0', '1.99999', '99999999999999999999.1', '\u00e9'],
  'x-correlation-id': ['', 'x', 'x'.repeat(65), '__proto__'],
};

const strangeStreams: readonly (string | Buffer)[] = [
  ...['', '\n', '\ufeff', 'null', '[]', '{}', '{}\n{}', '{"a":', '\0', '"', 'a,b\n"x', 'a,a\n1,2', 'a;b\n1;2', ',\n,'],
  ...['email\n', 'email\na@b', 'constructor,__proto__\n1,2', `${'c,'.repeat(5000)}\n1`, `${'x'.repeat(200_000)}\n1`],
  ...['[[[[[[', `${'['.repeat(5000)}${']'.repeat(5000)}`, '{"__proto__":1}', '{"source":1}\n\n{"source":"website"}'],
  Buffer.from([0xff, 0xfe, 0x00]),
  Buffer.from('company.name,contact.email\n\xe9,\xe9', 'latin1'),
];
