import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MikroORM } from '@mikro-orm/postgresql';
import { Member } from '../../src/identity/users/member.js';
import { newId } from '../../src/kernel/id.js';
import { startApplication, type TestApplication } from '../support/application.js';
import { idPlaces, type Operation, parametersIn, readOperations } from '../support/openapi-document.js';
import {
  absent,
  bodiesFor,
  headersFor,
  isDone,
  isRefused,
  makeFor,
  makeAll,
  prepare,
  urlOf,
} from '../support/openapi-fixtures.js';
import { type Answer, type Body, Organization } from '../support/openapi-organization.js';

let proviso: TestApplication;
let operations: Operation[];
let owners: Organization;
let strangers: Organization;

beforeAll(async () => {
  proviso = await startApplication();
  operations = await readOperations(proviso);
  owners = new Organization(proviso, 'owner@demo.test');
  strangers = new Organization(proviso, 'owner@second.test');
  await prepare(owners);
  await prepare(strangers);
});

afterAll(() => proviso.stop());

const ask = (
  organization: Organization,
  operation: Operation,
  { url, body }: { url: string; body: Body | undefined },
): Promise<Answer> =>
  organization.send({
    method: operation.method,
    url,
    headers: headersFor(operation),
    ...(body !== undefined && { body }),
  });

const told = ({ status, code }: Answer): string => `${status} ${code ?? ''}`.trim();

/** There is no such thing; or the list of what is known about it has nothing in it. */
const isNothing = ({ status, data }: Answer): boolean =>
  status === 404 || (status === 200 && Array.isArray(data) && data.length === 0);

/** What is wrong with how one route that addresses something answers a stranger; nothing when all is well. */
async function faultsOf(operation: Operation): Promise<string[]> {
  const parameters = await makeFor(operation, owners);
  const bodies = await bodiesFor(operation, strangers);
  const faults: string[] = [];
  for (const body of bodies) {
    const foreign = await ask(strangers, operation, { url: urlOf(operation, parameters), body });
    const nowhere = await ask(strangers, operation, { url: urlOf(operation, absent(parameters)), body });
    if (!isNothing(foreign) || told(foreign) !== told(nowhere)) {
      faults.push(`${operation.key}: foreign ${told(foreign)}, absent ${told(nowhere)}`);
    }
  }
  const [ownBody] = await bodiesFor(operation, owners);
  const own = await ask(owners, operation, { url: urlOf(operation, parameters), body: ownBody });
  if (!isDone(operation, own)) faults.push(`${operation.key}: its own organization is answered ${own.text}`);
  return faults;
}

/** What a public route addresses belongs to whoever knows its secret, of whatever organization. */
const addressing = (): Operation[] =>
  operations.filter(({ path, permission }) => path.includes('{') && permission !== undefined);

async function faultsOfAll(examined: readonly Operation[]): Promise<string[]> {
  const faults: string[] = [];
  for (const operation of examined) faults.push(...(await faultsOf(operation)));
  return faults;
}

describe('what belongs to another organization', () => {
  it('is as absent as what is nowhere, on every route that addresses something', async () => {
    expect(addressing().length).toBeGreaterThan(10);
    expect(await faultsOfAll(addressing())).toEqual([]);
  });

  it('is so by row-level security alone, when the filter of the mapping is off', async () => {
    const mapped = [...proviso.app.get(MikroORM).getMetadata().getAll().values()];
    const filters = mapped.flatMap((entity) => entity.filters['organization'] ?? []);
    expect(await countUnfilteredMembers()).toBe(0);
    for (const filter of filters) filter.default = false;
    try {
      expect(await countUnfilteredMembers()).toBeGreaterThan(0);
      expect(await faultsOfAll(addressing())).toEqual([]);
    } finally {
      for (const filter of filters) filter.default = true;
    }
  });

  it('stands in no list', async () => {
    const made = await makeAll(operations, owners);
    const ids = made.flatMap((parameters) => Object.values(parameters)).filter((value) => value.includes('-'));
    for (const operation of operations.filter(({ method, path }) => method === 'GET' && !path.includes('{'))) {
      if (operation.path.startsWith('/dev/')) continue;
      const { text } = await ask(strangers, operation, { url: operation.path, body: undefined });
      expect([operation.key, ids.filter((id) => text.includes(id))]).toEqual([operation.key, []]);
    }
  });
});

/** How many members row-level security shows and the filter of the mapping hides, when it is on. */
async function countUnfilteredMembers(): Promise<number> {
  const { id: organizationId } = await owners.get<{ id: string }>('/organizations/current');
  const em = proviso.app.get(MikroORM).em.fork({ session: { variables: { 'app.organization_id': organizationId } } });
  em.setFilterParams('organization', { id: newId() });
  return em.count(Member);
}

interface Reference {
  readonly operation: Operation;
  readonly body: Record<string, unknown>;
  readonly place: readonly string[];
}

/** Bodies of a route with each place of an id in them. */
async function referencesOf(operation: Operation): Promise<{ references: Reference[]; missing: string[] }> {
  const places = idPlaces(operation.body);
  if (places.length === 0) return { references: [], missing: [] };
  const bodies = (await bodiesFor(operation, strangers)) as Record<string, unknown>[];
  const references = bodies.flatMap((body) =>
    places.filter((place) => isFilled(body, place)).map((place) => ({ operation, body, place })),
  );
  const found = new Set(references.map(({ place }) => place.join('/')));
  return { references, missing: places.map((place) => place.join('/')).filter((place) => !found.has(place)) };
}

function isFilled(value: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return typeof value === 'string';
  if (key === '*') return Array.isArray(value) && isFilled(value[0], rest);
  return isFilled((value as Record<string, unknown> | undefined)?.[key], rest);
}

function withId(value: unknown, [key, ...rest]: readonly string[], id: string): unknown {
  if (key === undefined) return id;
  if (key === '*') return (value as unknown[]).map((item) => withId(item, rest, id));
  const object = value as Record<string, unknown>;
  return { ...object, [key]: withId(object[key], rest, id) };
}

/** Answers to a stranger who names things of the owners where an id stands, that are not refusals. */
async function acceptedAmong({ operation, body, place }: Reference, foreignIds: readonly string[]): Promise<string[]> {
  const attempt = async (changed: Body): Promise<Answer> => {
    const url = urlOf(operation, await makeFor(operation, strangers));
    return ask(strangers, operation, { url, body: changed });
  };
  const own = await attempt(body);
  if (!isDone(operation, own)) return [`${operation.key}: with own ids it answers ${own.text}`];
  const accepted: string[] = [];
  for (const id of foreignIds) {
    const answer = await attempt(withId(body, place, id) as Record<string, unknown>);
    if (!isRefused(answer)) {
      accepted.push(`${operation.key} #/${place.join('/')}: ${told(answer)}`);
    }
  }
  return accepted;
}

describe('an id of another organization', () => {
  let foreignIds: string[];

  beforeAll(async () => {
    const made = await makeAll(operations, owners);
    foreignIds = made.flatMap(({ id }) => id ?? []);
    foreignIds.push((await owners.get<{ id: string }>('/auth/me')).id);
  });

  it('is refused in every field of every body', async () => {
    const all = await Promise.all(operations.map(referencesOf));
    expect(all.flatMap(({ missing }) => missing)).toEqual([]);
    const references = all.flatMap((each) => each.references);
    expect(references.length).toBeGreaterThan(0);
    const accepted: string[] = [];
    for (const reference of references) accepted.push(...(await acceptedAmong(reference, foreignIds)));
    expect(accepted).toEqual([]);
  });

  it('finds in every query what an id from nowhere finds', async () => {
    const found: string[] = [];
    for (const operation of operations.filter(({ path }) => !path.includes('{'))) {
      const places = parametersIn(operation, 'query').filter(({ schema }) => schema.format === 'uuid');
      for (const { name } of places) found.push(...(await foundBy(operation, name, foreignIds)));
    }
    expect(found).toEqual([]);
  });
});

async function foundBy(operation: Operation, parameter: string, ids: readonly string[]): Promise<string[]> {
  const get = (id: string): Promise<Answer> =>
    ask(strangers, operation, { url: `${operation.path}?${parameter}=${id}`, body: undefined });
  const nowhere = await get(newId());
  const found: string[] = [];
  for (const id of ids) {
    const { status, data } = await get(id);
    if (status !== nowhere.status || JSON.stringify(data) !== JSON.stringify(nowhere.data)) {
      found.push(`${operation.key} ${parameter}`);
    }
  }
  return found;
}
