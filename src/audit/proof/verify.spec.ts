import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { exportLines, parseExport } from './export-format.js';
import { leafHash } from './leaf-hash.js';
import { rootOfLeaves } from './merkle-tree.js';
import type { Finding } from './row-alignment.js';
import { createSigningKey, publicKeyPem, sealHash, signSeal } from './seal.js';
import type { Seal, SigningKey } from './seal.js';
import { appendLeaves, leavesOfTiles, nodesOfTiles } from './tiles.js';
import type { TileReader } from './tiles.js';
import { trailRecords } from './trail.js';
import type { StoredEvent, TrailKey, TrailSource } from './trail.js';
import { verifyRecords, verifyTrail } from './verify.js';
import type { TrailHead } from './verify.js';

const ORGANIZATION = '018f0000-0000-7000-8000-0000000000aa';
const key = createSigningKey();
const stranger = createSigningKey();

/** The tables of one organization, as somebody with every right to the database may change them. */
interface Store {
  events: StoredEvent[];
  seals: Seal[];
  tiles: Map<string, Buffer>;
  keys: TrailKey[];
}

const idOf = (index: number): string => `018f0000-0000-7000-8000-${String(index).padStart(12, '0')}`;

/** Cursors cross a power of ten, where an order by text would differ; payloads hold a line separator of Unicode. */
function eventAt(index: number): StoredEvent {
  const row = {
    epoch: index < 3 ? 0 : 1,
    id: idOf(index),
    occurredAt: '2026-01-02T03:04:05.678Z',
    organizationId: ORGANIZATION,
    stream: index % 2 === 0 ? `lead-${index}` : null,
    streamVersion: index % 2 === 0 ? 1 : null,
    ordinal: 0,
    type: 'rules.executed',
    version: 1,
    subjectType: 'lead',
    subjectId: idOf(index),
    actorType: 'user',
    actorId: null,
    correlationId: idOf(index),
    causationId: null,
    depth: 0,
    published: index % 2 === 0,
    payload: `{"note":"line\u2028separator","number":${index}}`,
    tx: String((index < 3 ? 2000 : 900) + Math.floor(index / 3)),
    position: String((index + 1) * 10),
  };
  return { ...row, leafHash: leafHash(row).toString('hex') };
}

const bytesOf = (events: readonly StoredEvent[]): Buffer[] =>
  events.map(({ leafHash }) => Buffer.from(leafHash, 'hex'));

function tilesOf(events: readonly StoredEvent[]): Map<string, Buffer> {
  const tiles = appendLeaves(0, [], bytesOf(events));
  return new Map(tiles.map(({ level, tile, hashes }) => [`${level}/${tile}`, Buffer.from(hashes)]));
}

function sealsOf(events: readonly StoredEvent[], sizes: readonly number[], signer: SigningKey): Seal[] {
  const seals: Seal[] = [];
  for (const treeSize of sizes) {
    const [previous, last] = [seals.at(-1), events[treeSize - 1]];
    const statement = {
      organizationId: ORGANIZATION,
      treeSize,
      root: rootOfLeaves(bytesOf(events.slice(0, treeSize))).toString('hex'),
      lastEpoch: last?.epoch ?? 0,
      lastTx: last?.tx ?? '0',
      lastPosition: last?.position ?? '0',
      previousSealHash: previous ? sealHash(previous) : null,
      sealedAt: '2026-01-02T03:04:10.000Z',
    };
    seals.push(signSeal(statement, signer));
  }
  return seals;
}

function storeOf(events: StoredEvent[], sizes: readonly number[], signer = key): Store {
  const keys = [{ keyId: signer.keyId, publicKey: publicKeyPem(signer) }];
  return { events, seals: sealsOf(events, sizes, signer), tiles: tilesOf(events.slice(0, sizes.at(-1))), keys };
}

const SIZES = [5, 305, 345, 346, 406];
const TOTAL = 410;
const original = storeOf(
  Array.from({ length: TOTAL }, (_, index) => eventAt(index)),
  SIZES,
);
const headOf = ({ seals }: Store): TrailHead => seals.at(-1) ?? { organizationId: ORGANIZATION, treeSize: 0, root: '' };

function copyOf(store: Store): Store {
  const tiles = new Map([...store.tiles].map(([place, hashes]) => [place, Buffer.from(hashes)]));
  return { events: [...store.events], seals: [...store.seals], tiles, keys: [...store.keys] };
}

const byCursor = (a: StoredEvent, b: StoredEvent): number =>
  a.epoch - b.epoch || Number(a.tx) - Number(b.tx) || Number(a.position) - Number(b.position);

async function* each<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

function sourceOf(store: Store, base?: Seal): TrailSource {
  const read: TileReader = async ({ level, tile }) => store.tiles.get(`${level}/${tile}`);
  const events = store.events.toSorted(byCursor);
  const isAfter = (event: StoredEvent): boolean =>
    !base || byCursor(event, { ...event, epoch: base.lastEpoch, tx: base.lastTx, position: base.lastPosition }) > 0;
  return {
    organizationId: ORGANIZATION,
    keys: store.keys,
    events: each(events.filter(isAfter)),
    seals: each(store.seals.filter(({ treeSize }) => treeSize > (base?.treeSize ?? 0))),
    leaves: leavesOfTiles(read),
    treeSize: store.seals.at(-1)?.treeSize ?? 0,
    ...(base ? { base: { seal: base, nodes: nodesOfTiles(read) } } : {}),
  };
}

async function textOf(source: TrailSource): Promise<string> {
  return (await collect(exportLines(trailRecords(source)))).join('');
}

const folder = mkdtempSync(path.join(tmpdir(), 'audit-export-'));
afterAll(() => rmSync(folder, { recursive: true }));
const program = fileURLToPath(new URL('../../../scripts/verify-export.mjs', import.meta.url));
const runProgram = (input: string, ...options: string[]) =>
  spawnSync(process.execPath, [program, ...options], { input, encoding: 'utf8' });

type Named = [kind: string, index: number | undefined, eventId: string | undefined];
const named = ({ kind, index, eventId }: Finding): Named => [kind, index, eventId];

function namedByProgram(output: string): Named[] {
  return [...output.matchAll(/^FAULT ([a-z-]+)(?: leaf=(\d+))?(?: event=(\S+))?: /gm)].map((match) => [
    match[1] ?? '',
    match[2] === undefined ? undefined : Number(match[2]),
    match[3],
  ]);
}

/** The findings of both verifiers, which must be the same. */
async function findings(store: Store, head?: TrailHead, base?: Seal): Promise<Named[]> {
  const report = await verifyTrail({ ...sourceOf(store, base), ...(head ? { head } : {}) });
  const headFile = path.join(folder, 'head.json');
  if (head) writeFileSync(headFile, JSON.stringify(head));
  const run = runProgram(await textOf(sourceOf(store, base)), ...(head ? ['--head', headFile] : []));
  expect(run.stderr).toBe('');
  expect(namedByProgram(run.stdout)).toEqual(report.findings.map(named));
  expect([run.status, report.ok]).toEqual(report.faults === 0 ? [0, true] : [1, false]);
  return report.findings.map(named);
}

const replace = (store: Store, index: number, change: Partial<StoredEvent>): void => {
  const event = store.events[index];
  if (event) store.events[index] = { ...event, ...change };
};

const rewrite = (store: Store, index: number): void => {
  const altered = { ...eventAt(index), payload: '{"forged":true}' };
  store.events[index] = { ...altered, leafHash: leafHash(altered).toString('hex') };
};

const forgedRow = (after: number): StoredEvent => {
  const row = { ...eventAt(after), id: idOf(9_000 + after), position: String((after + 1) * 10 + 5) };
  return { ...row, leafHash: leafHash(row).toString('hex') };
};

const exchange = (store: Store, one: number, other: number): void => {
  const [a, b] = [eventAt(one), eventAt(other)];
  replace(store, one, { epoch: a.epoch, tx: b.tx, position: b.position });
  replace(store, other, { epoch: b.epoch, tx: a.tx, position: a.position });
};

const tamperings: readonly [name: string, tamper: (store: Store) => void, expected: Named[]][] = [
  ['nothing', () => undefined, []],
  ['a payload', (s) => replace(s, 100, { payload: '{}' }), [['row-changed', 100, idOf(100)]]],
  ['a hashed column', (s) => replace(s, 7, { actorId: 'eve' }), [['row-changed', 7, idOf(7)]]],
  ['a leaf hash alone', (s) => replace(s, 8, { leafHash: '00'.repeat(32) }), [['row-changed', 8, idOf(8)]]],
  ['payload and leaf hash together', (s) => rewrite(s, 200), [['row-changed', 200, idOf(200)]]],
  [
    'leaf hashes of two rows exchanged',
    (s) => {
      replace(s, 20, { leafHash: eventAt(21).leafHash });
      replace(s, 21, { leafHash: eventAt(20).leafHash });
    },
    [
      ['row-changed', 20, idOf(20)],
      ['row-changed', 21, idOf(21)],
    ],
  ],
  ['a row deleted', (s) => s.events.splice(150, 1), [['row-deleted', 150, undefined]]],
  ['the first row deleted', (s) => s.events.splice(0, 1), [['row-deleted', 0, undefined]]],
  ['the only row of a seal deleted', (s) => s.events.splice(345, 1), [['row-deleted', 345, undefined]]],
  [
    'all rows of a seal deleted',
    (s) => s.events.splice(5, 300),
    Array.from({ length: 300 }, (_, at) => ['row-deleted', 5 + at, undefined]),
  ],
  ['a row inserted', (s) => s.events.push(forgedRow(60)), [['row-inserted', undefined, idOf(9_060)]]],
  [
    'a copy of a row inserted',
    (s) => s.events.push({ ...eventAt(60), position: '615' }),
    [['row-inserted', undefined, idOf(60)]],
  ],
  [
    'two neighbours swapped',
    (s) => exchange(s, 80, 81),
    [
      ['rows-swapped', 81, idOf(81)],
      ['rows-swapped', 80, idOf(80)],
    ],
  ],
  [
    'two rows of one seal swapped',
    (s) => exchange(s, 90, 250),
    [
      ['rows-swapped', 250, idOf(250)],
      ['rows-swapped', 90, idOf(90)],
    ],
  ],
  [
    'two rows of different seals swapped',
    (s) => exchange(s, 90, 400),
    [
      ['rows-swapped', 400, idOf(400)],
      ['rows-swapped', 90, idOf(90)],
    ],
  ],
  [
    'a row moved back',
    (s) => replace(s, 300, { tx: eventAt(99).tx, position: '1005' }),
    [['row-moved', 300, idOf(300)]],
  ],
  ['a row moved past the seals', (s) => replace(s, 40, { tx: '9999' }), [['row-moved', 40, idOf(40)]]],
  [
    'several things at once',
    (s) => {
      s.events.push(forgedRow(30));
      rewrite(s, 400);
      replace(s, 340, { payload: '{}' });
      s.events.splice(200, 1);
    },
    [
      ['row-changed', 340, idOf(340)],
      ['row-inserted', undefined, idOf(9_030)],
      ['row-changed', 400, idOf(400)],
      ['row-deleted', 200, undefined],
    ],
  ],
  ['an unsealed row changed', (s) => replace(s, 408, { payload: '{}' }), [['row-changed', undefined, idOf(408)]]],
  ['sealed rows of the tail deleted', (s) => s.events.splice(405), [['row-deleted', 405, undefined]]],
  [
    'a row and its leaf in the tiles',
    (s) => {
      rewrite(s, 310);
      s.tiles.set('0/1', tilesOf(s.events.slice(0, 406)).get('0/1') ?? Buffer.alloc(0));
    },
    [
      ['seal-root', 305, undefined],
      ['head-mismatch', undefined, undefined],
    ],
  ],
  [
    'a tile lost',
    (s) => s.tiles.delete('0/0'),
    [
      ['leaves-missing', 0, undefined],
      ['seal-root', 0, undefined],
      ['leaves-missing', 5, undefined],
      ...Array.from({ length: 256 }, (_, at): Named => ['row-inserted', undefined, idOf(at)]),
      ['head-mismatch', undefined, undefined],
    ],
  ],
  [
    'the time of the last seal',
    (s) => alterSeal(s, 4, { sealedAt: '2027-01-01T00:00:00.000Z' }),
    [['seal-signature', undefined, undefined]],
  ],
  [
    'the boundary of a seal',
    (s) => alterSeal(s, 1, { lastTx: '950' }),
    [
      ['seal-signature', undefined, undefined],
      ['seal-chain', undefined, undefined],
    ],
  ],
  [
    'the root of a seal',
    (s) => alterSeal(s, 2, { root: '00'.repeat(32) }),
    [
      ['seal-signature', undefined, undefined],
      ['seal-root', 305, undefined],
      ['seal-chain', undefined, undefined],
    ],
  ],
  ['a seal removed', (s) => s.seals.splice(1, 1), [['seal-chain', undefined, undefined]]],
  [
    'a seal of another organization',
    (s) => s.seals.splice(4, 1, ...resign(s.seals[4], { organizationId: idOf(1) })),
    [['seal-chain', undefined, undefined]],
  ],
  [
    'a second seal of the same size',
    (s) => s.seals.push(...resign(s.seals[4], { previousSealHash: s.seals.slice(-1).map(sealHash).join() })),
    [['seal-chain', undefined, undefined]],
  ],
  ['the keys lost', (s) => s.keys.splice(0), [['seal-signature', undefined, undefined]]],
  [
    'a key under the id of another',
    (s) => s.keys.splice(0, 1, { keyId: key.keyId, publicKey: publicKeyPem(stranger) }),
    [['seal-signature', undefined, undefined]],
  ],
];

/** A seal whose statement is false and whose signature is right: the signing key was in wrong hands. */
function resign(seal: Seal | undefined, change: Partial<Seal>): Seal[] {
  return seal ? [signSeal({ ...seal, ...change }, key)] : [];
}

function alterSeal(store: Store, at: number, change: Partial<Seal>): void {
  const seal = store.seals[at];
  if (seal) store.seals[at] = { ...seal, ...change };
}

describe('both verifiers name what was changed', () => {
  it.each(tamperings)('%s', async (_name, tamper, expected) => {
    const store = copyOf(original);
    tamper(store);
    expect(await findings(store, headOf(original))).toEqual(expected);
  });

  it('and count the rows that no seal covers', async () => {
    const report = await verifyTrail(sourceOf(original));
    expect(report).toMatchObject({ ok: true, from: 0, treeSize: 406, events: TOTAL, unsealed: 4, keyIds: [key.keyId] });
    expect(report.root).toBe(headOf(original).root);
  });

  it('each of many independent changes, and nothing else', async () => {
    const places = fc.uniqueArray(fc.integer({ min: 0, max: 130 }), { maxLength: 40 });
    const deeds = fc.array(fc.constantFrom('change', 'delete', 'insert'), { minLength: 40, maxLength: 40 });
    const property = fc.asyncProperty(places, deeds, async (indexes, kinds) => {
      const store = copyOf(original);
      const removed = new Set<number>();
      // Every third row is touched at most, so that an intact row parts the changes.
      const expected = indexes.map((place, at): Named => {
        const index = place * 3 + 1;
        if (kinds[at] === 'delete') removed.add(index);
        else if (kinds[at] === 'insert') store.events.push(forgedRow(index));
        else rewrite(store, index);
        if (kinds[at] === 'delete') return ['row-deleted', index, undefined];
        return kinds[at] === 'insert'
          ? ['row-inserted', undefined, idOf(9_000 + index)]
          : ['row-changed', index, idOf(index)];
      });
      store.events = store.events.filter((_event, index) => !removed.has(index));
      const report = await verifyTrail(sourceOf(store));
      expect(report.findings.map((finding) => named(finding).join()).sort()).toEqual(expected.map(String).sort());
    });
    await fc.assert(property, { numRuns: 25 });
  });
});

describe('a head kept elsewhere', () => {
  const cut = storeOf(original.events.slice(0, 346), SIZES.slice(0, 4));

  it('shows a cut tail, which nothing else can show', async () => {
    expect(await findings(cut)).toEqual([]);
    expect(await findings(cut, headOf(original))).toEqual([['tail-cut', 346, undefined]]);
    expect(await findings({ ...cut, events: [], seals: [], tiles: new Map() }, headOf(cut))).toEqual([
      ['tail-cut', 0, undefined],
    ]);
  });

  it('is of one organization', async () => {
    expect(await findings(original, { ...headOf(original), organizationId: idOf(1) })).toEqual([
      ['head-mismatch', undefined, undefined],
    ]);
  });

  it('may be older than the trail', async () => {
    expect(await findings(original, headOf(cut))).toEqual([]);
  });

  it('shows a trail that was written anew and signed again', async () => {
    const forged = copyOf(original);
    rewrite(forged, 100);
    const resigned = storeOf(forged.events, SIZES, stranger);
    expect(await findings(resigned)).toEqual([]);
    expect(await findings(resigned, headOf(original))).toEqual([['head-mismatch', undefined, undefined]]);
    const text = await textOf(sourceOf(resigned));
    expect(namedByProgram(runProgram(text, '--key', key.keyId).stdout)).toEqual([
      ['seal-signature', undefined, undefined],
    ]);
    expect(runProgram(text, '--key', stranger.keyId).status).toBe(0);
  });
});

describe('a range', () => {
  const base = original.seals[1];

  it('proves itself from the seal before it', async () => {
    expect(await findings(original, headOf(original), base)).toEqual([]);
    const report = await verifyTrail(sourceOf(original, base));
    expect(report).toMatchObject({ from: 305, treeSize: 406, events: 105 });
    const store = copyOf(original);
    rewrite(store, 350);
    store.events.splice(320, 1);
    expect(await findings(store, undefined, base)).toEqual([
      ['row-changed', 350, idOf(350)],
      ['row-deleted', 320, undefined],
    ]);
  });

  it('rests on the tree before it', async () => {
    const store = copyOf(original);
    store.tiles.get('1/0')?.fill(0);
    expect(await findings(store, undefined, base)).toEqual([['seal-root', 305, undefined]]);
    expect(await findings(original, original.seals[0], base)).toEqual([['head-mismatch', undefined, undefined]]);
  });
});

describe('an export', () => {
  it('reads back as it was written, in pieces of any length', async () => {
    const text = await textOf(sourceOf(original, original.seals[3]));
    const written = await collect(trailRecords(sourceOf(original, original.seals[3])));
    const property = fc.asyncProperty(fc.integer({ min: 1, max: 5_000 }), async (length) => {
      const pieces = text.match(new RegExp(`[^]{1,${length}}`, 'g')) ?? [];
      expect(await collect(parseExport(each(pieces)))).toEqual(written);
    });
    await fc.assert(property, { numRuns: 10 });
  });

  it('shows a file that was cut short', async () => {
    const lines = (await textOf(sourceOf(original))).split('\n');
    const text = lines
      .slice(
        0,
        lines.findLastIndex((line) => line.includes('"kind":"seal"')),
      )
      .join('\n');
    const expected: Named[] = [['tail-cut', 346, undefined]];
    expect(namedByProgram(runProgram(text).stdout)).toEqual(expected);
    expect((await verifyRecords(parseExport(each([text])))).findings.map(named)).toEqual(expected);
  });

  it('is refused when it cannot be read, with the line', async () => {
    const [header = '', ...rest] = (await textOf(sourceOf(original))).trimEnd().split('\n');
    const twice = rest.at(-1)?.replace('{', '{"actorId":"twice",') ?? '';
    const unreadable: [text: string, line: number][] = [
      ['', 1],
      ['no JSON', 1],
      [rest.join('\n'), 1],
      [[header, header].join('\n'), 2],
      [[header, '{"kind":"other"}'].join('\n'), 2],
      [[header, '{"kind":"constructor"}'].join('\n'), 2],
      [[header, ...rest.slice(0, -1), twice].join('\n'), rest.length + 1],
      [header.replace('export/1', 'export/9'), 1],
    ];
    for (const [text, line] of unreadable) {
      const parsed = collect(parseExport(each([text])));
      await expect(parsed).rejects.toMatchObject({ code: 'audit-export-malformed', details: { line } });
      expect([text.slice(-40), runProgram(text).status]).toEqual([text.slice(-40), 2]);
    }
    expect(runProgram('', path.join(folder, 'absent.ndjson')).status).toBe(2);
    expect(runProgram('', '--unknown').status).toBe(2);
    writeFileSync(path.join(folder, 'head.json'), 'null');
    expect(runProgram(header, '--head', path.join(folder, 'head.json')).status).toBe(2);
  });
});
