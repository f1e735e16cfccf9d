import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isDeepStrictEqual } from 'node:util';
import { startApplication, type TestApplication } from '../support/application.js';
import { type Operation, parametersIn, readOperations } from '../support/openapi-document.js';
import { bodiesFor, headersFor, makeFor, prepare, urlOf } from '../support/openapi-fixtures.js';
import { type Answer, type Call, Organization } from '../support/openapi-organization.js';
import { countRowsAtRest } from '../support/openapi-row-counts.js';

let proviso: TestApplication;
let marked: Operation[];
let streaming: Operation[];
let owners: Organization;

beforeAll(async () => {
  proviso = await startApplication();
  const operations = await readOperations(proviso);
  const all = operations.filter((operation) =>
    parametersIn(operation, 'header').some(({ name }) => name === 'Idempotency-Key'),
  );
  marked = all.filter(({ takesStream }) => !takesStream);
  streaming = all.filter(({ takesStream }) => takesStream);
  owners = new Organization(proviso, 'owner@demo.test');
  await prepare(owners);
});

afterAll(() => proviso.stop());

/** The call as it stands, to be sent with a key. */
async function callOf(operation: Operation): Promise<Call> {
  const [body] = await bodiesFor(operation, owners);
  return {
    method: operation.method,
    url: urlOf(operation, await makeFor(operation, owners)),
    headers: headersFor(operation),
    ...(body !== undefined && { body }),
  };
}

const sendWith = (key: string, call: Call): Promise<Answer> =>
  owners.send({ ...call, headers: { ...call.headers, 'idempotency-key': key } });

/** A first answer, and what the same request gets afterwards: the same, or its address when it held a secret. */
const isRepeatOf = (first: Answer, { status, code, etag, text }: Answer): boolean =>
  (status === 409 && code === 'already-done') ||
  isDeepStrictEqual([status, etag, JSON.parse(text)], [first.status, first.etag, JSON.parse(first.text)]);

const told = ({ status, text }: Answer): string => `${status} ${text}`;

interface Attempt {
  readonly operation: Operation;
  readonly call: Call;
  readonly key: string;
}

/** A call of each route with a key of its own; what it addresses is made, and nothing moves any more. */
async function attempts(name: string): Promise<Attempt[]> {
  const made = await Promise.all(
    marked.map(async (operation, index) => ({ operation, call: await callOf(operation), key: `${name}-${index}` })),
  );
  await countRowsAtRest(proviso.database.url);
  return made;
}

type Counts = Readonly<Record<string, number>>;

/** Seals come by time, not by request. */
const sealed = /^audit_(seals|tiles)$/;

const difference = (before: Counts, after: Counts): Counts =>
  Object.fromEntries(
    Object.entries(after)
      .filter(([table]) => !sealed.test(table))
      .map(([table, count]) => [table, count - (before[table] ?? 0)]),
  );

/** What `send` says of each attempt, and how many rows came of all of them. */
async function run(
  name: string,
  send: (attempt: Attempt) => Promise<string>,
): Promise<{ said: string[]; rows: Counts }> {
  const all = await attempts(name);
  const before = await countRowsAtRest(proviso.database.url);
  const said: string[] = [];
  for (const attempt of all) said.push(`${attempt.operation.key}: ${await send(attempt)}`);
  return { said, rows: difference(before, await countRowsAtRest(proviso.database.url)) };
}

const allSay = (words: string): string[] => marked.map(({ key }) => `${key}: ${words}`);

describe('a route that takes an Idempotency-Key', () => {
  let rowsOfOne: Counts;

  beforeAll(async () => {
    const { said, rows } = await run('once', async ({ call, key }) => {
      const answer = await sendWith(key, call);
      return answer.status < 300 ? 'done' : told(answer);
    });
    expect(said).toEqual(allSay('done'));
    expect(rows).toMatchObject({ rules: 1, users: 1, idempotency_keys: marked.length });
    rowsOfOne = rows;
  });

  it('gives the same request the same answer, and leaves what one request leaves', async () => {
    const { said, rows } = await run('twice', async ({ call, key }) => {
      const first = await sendWith(key, call);
      const second = await sendWith(key, call);
      return isRepeatOf(first, second) ? 'repeated' : told(second);
    });
    expect(said).toEqual(allSay('repeated'));
    expect(rows).toEqual(rowsOfOne);
  });

  it('lets one of twins at once do it, and gives the other its answer', async () => {
    const { said, rows } = await run('twin', async ({ call, key }) => {
      const answers = await Promise.all([1, 2, 3].map(() => sendWith(key, call)));
      const first = answers.find(({ status }) => status < 300);
      const others = answers.filter((answer) => answer !== first);
      return first && others.every((other) => isRepeatOf(first, other)) ? 'one' : answers.map(told).join();
    });
    expect(said).toEqual(allSay('one'));
    expect(rows).toEqual(rowsOfOne);
  });

  it('refuses the key with another request, which leaves nothing', async () => {
    const others = new Map<Operation, Call>();
    for (const operation of marked) others.set(operation, await callOf(operation));
    const { said, rows } = await run('reused', async ({ operation, call, key }) => {
      await sendWith(key, call);
      const other = others.get(operation)!;
      const url = operation.body ? call.url : other.url;
      const { status, code } = await sendWith(key, { ...other, url });
      return `${status} ${code}`;
    });
    expect(said).toEqual(allSay('422 idempotency-key-reused'));
    expect(rows).toEqual(rowsOfOne);
  });

  it('takes another key for the same request as another request', async () => {
    const [attempt] = await attempts('apart');
    const [first, second] = [await sendWith('apart-a', attempt!.call), await sendWith('apart-b', attempt!.call)];
    expect(isRepeatOf(first, second)).toBe(false);
  });

  it('counts for a stream of rows too: what it brings is brought once', async () => {
    expect(streaming.length).toBeGreaterThan(0);
    for (const operation of streaming) {
      const { leads } = await countRowsAtRest(proviso.database.url);
      const call = await callOf(operation);
      const first = await sendWith('stream', call);
      expect(first.status).toBeLessThan(300);
      expect(isRepeatOf(first, await sendWith('stream', call))).toBe(true);
      expect(await sendWith('stream', { ...call, url: `${call.url}?dryRun=true` })).toMatchObject({
        status: 422,
        code: 'idempotency-key-reused',
      });
      expect((await countRowsAtRest(proviso.database.url)).leads).toBe(leads! + 1);
    }
  });
});
