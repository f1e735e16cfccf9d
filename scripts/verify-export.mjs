#!/usr/bin/env node
// Verifies an audit export without the server, its database or its code. Needs Node 20.12 or newer and nothing else.
//
//   node verify-export.mjs [--head FILE] [--key ID]... [EXPORT]        (no EXPORT: standard input)
//
// --head FILE  a head kept elsewhere, JSON {organizationId, treeSize, root}: shows a cut tail and a rewritten trail.
// --key ID     a key id you trust; may be repeated. Without it every key in the export is accepted, so compare the
//              ids printed at the end: whoever can rewrite the trail can also sign it again with a key of his own.
//
// Exit code: 0 nothing wrong · 1 faults, each named on a line of its own · 2 the export could not be read.
//
// An export is lines of JSON: a header; the public keys; for a range, the tree before it and the seal over that; then,
// seal by seal: its new leaf hashes, its events, the seal; last the events that no seal covers yet.
//   leaf hash  SHA-256(0x00 ‖ canonical JSON of the event without kind, tx, position, leafHash)     RFC 8785, RFC 6962
//   node hash  SHA-256(0x01 ‖ left ‖ right)                                                         RFC 6962
//   seal       Ed25519 over the canonical JSON of its fields without kind and signature; it holds the root of the
//              tree over the first treeSize leaves and the SHA-256 of the canonical JSON of the seal before it
import { createHash, createPublicKey, verify } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const FORMAT = 'proviso-audit-export/1';
const FAULTS_SHOWN = 1_000;
// Both bound the memory that a badly damaged trail takes.
const STRAY_LIMIT = 20_000;
const SEGMENT_LIMIT = 262_144;

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
}

function without(object, ...names) {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

let faults = 0;
function fault(kind, message, leaf, event) {
  faults += 1;
  const where = (leaf === undefined ? '' : ` leaf=${leaf}`) + (event === undefined ? '' : ` event=${event}`);
  if (faults <= FAULTS_SHOWN) console.log(`FAULT ${kind}${where}: ${message}`);
}

// ---------------------------------------------------------------- the tree, as the roots of its perfect subtrees
const tree = { size: 0, subtrees: [] };
const node = (left, right) => sha256('\x01', left, right);

function appendLeaf(leaf) {
  tree.subtrees.push(leaf);
  tree.size += 1;
  for (let size = tree.size; size % 2 === 0; size /= 2) tree.subtrees.push(node(...tree.subtrees.splice(-2)));
}

function rootOfTree() {
  const root = tree.subtrees.length === 0 ? sha256() : tree.subtrees.reduceRight((right, left) => node(left, right));
  return root.toString('hex');
}

// ---------------------------------------------------------------- rows against leaves
// A row stands right when its hash is that of a leaf and the order is kept. Rows and leaves left over ("strays") wait
// for the end: pairs with the same hash were moved, pairs in the same gap were changed, the rest inserted or deleted.
let strayRows = [];
let strayLeaves = new Map();
let lastEvent;
const agrees = (row, leaf) => row.computed === leaf && row.stored === leaf;

function alignSegment(start, leaves, rows) {
  if (rows.length === leaves.length && rows.every((row, at) => agrees(row, leaves[at]))) {
    lastEvent = rows.at(-1)?.event ?? lastEvent;
    return;
  }
  const claimed = claimLeaves(leaves, rows);
  const standing = rowsInOrder(claimed);
  let next = 0;
  const skipTo = (end) => {
    const gap = start + next;
    for (; next < end; next += 1) {
      strayLeaves.set(leaves[next], { hash: leaves[next], index: start + next, gap, after: lastEvent });
    }
  };
  for (const [at, row] of rows.entries()) {
    if (!standing.has(at)) {
      strayRows.push({ ...row, gap: start + next });
      continue;
    }
    skipTo(claimed[at]);
    if (!agrees(row, leaves[next])) reportChanged(row, start + next);
    lastEvent = row.event;
    next += 1;
  }
  skipTo(leaves.length);
  if (strayRows.length + strayLeaves.size > STRAY_LIMIT) judgeStrays();
}

// For each row the index of its leaf, by content before stored hash; each leaf belongs to one row.
function claimLeaves(leaves, rows) {
  const free = new Map(leaves.map((hash, index) => [hash, index]));
  return rows.map(({ computed, stored }) => {
    const hash = free.has(computed) ? computed : stored;
    const index = free.get(hash);
    free.delete(hash);
    return index;
  });
}

// The longest ascending run (patience sorting), after two exchanged neighbours are both left out.
function rowsInOrder(claimed) {
  const rows = [...claimed.keys()].filter((at) => claimed[at] !== undefined);
  const tails = [];
  const before = new Map();
  for (let i = 0; i < rows.length; i += 1) {
    const at = rows[i];
    if (claimed[at] === claimed[rows[i + 1]] + 1) {
      i += 1;
      continue;
    }
    const isLast = tails.length === 0 || claimed[tails.at(-1)] < claimed[at];
    const length = isLast ? tails.length : tails.findIndex((tail) => claimed[tail] >= claimed[at]);
    before.set(at, tails[length - 1]);
    tails[length] = at;
  }
  const standing = new Set();
  for (let at = tails.at(-1); at !== undefined; at = before.get(at)) standing.add(at);
  return standing;
}

function judgeStrays() {
  const moves = [];
  const unknown = [];
  for (const row of strayRows) {
    const leaf = strayLeaves.get(row.computed) ?? strayLeaves.get(row.stored);
    if (leaf) moves.push({ row, leaf });
    else unknown.push(row);
    if (leaf) strayLeaves.delete(leaf.hash);
    if (leaf && !agrees(row, leaf.hash)) reportChanged(row, leaf.index);
  }
  reportMoves(moves);
  reportUnknown(unknown);
  for (const { index, hash, after } of strayLeaves.values()) {
    fault('row-deleted', `the row with leaf hash ${hash} is gone; it stood after event ${after ?? '(none)'}`, index);
  }
  strayRows = [];
  strayLeaves = new Map();
}

function reportMoves(moves) {
  const waiting = new Map();
  for (const move of moves) {
    const wayBack = `${move.leaf.gap}>${move.row.gap}`;
    const partner = waiting.get(wayBack);
    if (partner) reportSwapped(partner, move);
    if (partner) waiting.delete(wayBack);
    else waiting.set(`${move.row.gap}>${move.leaf.gap}`, move);
  }
  for (const { row, leaf } of waiting.values()) {
    fault('row-moved', `it now stands before the row of leaf ${row.gap}`, leaf.index, row.event);
  }
}

function reportSwapped(one, other) {
  fault('rows-swapped', `it changed places with event ${other.row.event}`, one.leaf.index, one.row.event);
  fault('rows-swapped', `it changed places with event ${one.row.event}`, other.leaf.index, other.row.event);
}

function reportUnknown(rows) {
  const leavesByGap = new Map([...strayLeaves.values()].map(({ gap }) => [gap, []]));
  for (const leaf of strayLeaves.values()) leavesByGap.get(leaf.gap).push(leaf);
  for (const row of rows) {
    const leaf = leavesByGap.get(row.gap)?.shift();
    if (leaf) reportChanged(row, leaf.index);
    else fault('row-inserted', `no leaf belongs to it; it precedes the row of leaf ${row.gap}`, undefined, row.event);
    if (leaf) strayLeaves.delete(leaf.hash);
  }
}

function reportChanged({ event, computed, stored }, leaf) {
  const which = computed === stored ? 'the row and its leaf hash were changed together' : 'the row was changed';
  fault('row-changed', which, leaf, event);
}

// ---------------------------------------------------------------- the lines, in their order
let options;
let head;
const keys = new Map();
const keysThatHeld = new Set();
const keysMissed = new Set();
let header;
let headRoot;
let previousSeal;
let isRootWrong = false;
let nextLeaf = 0;
let events = 0;
let unsealed = 0;
let leaves = [];
let rows = [];

const readers = {
  header(record) {
    if (record.format !== FORMAT) throw new Error(`its format is ${record.format}, this program reads ${FORMAT}`);
    header = record;
    noteHeadRoot();
  },
  // The id is made from the key, whatever the export calls it.
  key({ publicKey }) {
    const key = createPublicKey(publicKey);
    const id = sha256(key.export({ type: 'spki', format: 'der' }))
      .toString('hex')
      .slice(0, 16);
    const isTrusted = options.key?.includes(id) ?? true;
    if (isTrusted && key.asymmetricKeyType === 'ed25519') keys.set(id, key);
  },
  frontier({ treeSize, hashes }) {
    if (treeSize.toString(2).replaceAll('0', '').length !== hashes.length)
      throw new Error('hashes do not fit the size');
    tree.size = treeSize;
    tree.subtrees = hashes.map((hash) => Buffer.from(hash, 'hex'));
    nextLeaf = treeSize;
    noteHeadRoot();
  },
  leaves({ from, hashes }) {
    if (from !== nextLeaf) reportMissingLeaves(from);
    nextLeaf = from + hashes.length;
    for (const hash of hashes) {
      appendLeaf(Buffer.from(hash, 'hex'));
      leaves.push(hash);
      noteHeadRoot();
    }
  },
  event(record) {
    events += 1;
    const leaf = sha256('\0', canonical(without(record, 'kind', 'tx', 'position', 'leafHash')));
    const row = { event: record.id, computed: leaf.toString('hex'), stored: record.leafHash };
    if ((previousSeal?.treeSize ?? 0) < header.treeSize) rows.push(row);
    else addUnsealed(row);
  },
  seal(record) {
    const seal = without(record, 'kind');
    const name = `the seal over ${seal.treeSize} leaves`;
    const isGenuine = isSigned(seal, name);
    checkChain(seal, name);
    if (seal.treeSize > nextLeaf) reportMissingLeaves(seal.treeSize);
    nextLeaf = Math.max(nextLeaf, seal.treeSize);
    checkRoot(seal, name);
    // A forged seal may misplace the boundary, and every row near it would look moved.
    if (isGenuine || leaves.length > SEGMENT_LIMIT || seal.treeSize >= header.treeSize) closeSegment();
    previousSeal = seal;
  },
};

function noteHeadRoot() {
  if (head?.treeSize === tree.size) headRoot = rootOfTree();
}

function reportMissingLeaves(end) {
  fault('leaves-missing', `leaf hashes ${nextLeaf} to ${end - 1} are missing or out of order`, nextLeaf);
}

function addUnsealed(row) {
  unsealed += 1;
  if (strayLeaves.has(row.computed)) strayRows.push({ ...row, gap: header.treeSize });
  else if (row.computed !== row.stored) reportChanged(row);
}

function closeSegment() {
  alignSegment(Math.max(0, nextLeaf - leaves.length), leaves, rows);
  leaves = [];
  rows = [];
}

function isSigned(seal, name) {
  const key = keys.get(seal.keyId);
  const bytes = Buffer.from(canonical(without(seal, 'signature')));
  const holds = key !== undefined && verify(null, bytes, key, Buffer.from(seal.signature, 'base64'));
  if (holds) keysThatHeld.add(seal.keyId);
  else if (key) fault('seal-signature', `${name} is not signed by key ${seal.keyId}`);
  else if (!keysMissed.has(seal.keyId))
    fault('seal-signature', `${name}: key ${seal.keyId} is not given or not trusted`);
  if (!key) keysMissed.add(seal.keyId);
  return holds;
}

function checkChain(seal, name) {
  const expected = previousSeal ? sha256(canonical(previousSeal)).toString('hex') : null;
  const beginsRange = !previousSeal && header.from > 0;
  if (!beginsRange && seal.previousSealHash !== expected)
    fault('seal-chain', `${name} does not follow the one before it`);
  if (seal.treeSize <= (previousSeal?.treeSize ?? 0) || seal.organizationId !== header.organizationId) {
    fault('seal-chain', `${name} is out of order or of another organization`);
  }
}

// After one wrong root the next ones are wrong for the same reason, until one is right again.
function checkRoot(seal, name) {
  const isWrong = tree.size !== seal.treeSize || rootOfTree() !== seal.root;
  const leaf = previousSeal?.treeSize ?? header.from;
  if (isWrong && !isRootWrong)
    fault('seal-root', `${name} has another root; it or leaves from ${leaf} on changed`, leaf);
  isRootWrong = isWrong;
}

function checkEnd() {
  const sealed = previousSeal?.treeSize ?? 0;
  const extent = `${header.treeSize} leaves are announced; here are ${tree.size}, sealed up to ${sealed}`;
  if (sealed !== header.treeSize || tree.size > header.treeSize) fault('tail-cut', extent, sealed);
  if (!head || (head.root === headRoot && head.organizationId === header.organizationId)) return;
  const heads = `the head has ${head.treeSize} leaves, the export ends at ${nextLeaf}`;
  if (head.treeSize > nextLeaf) fault('tail-cut', heads, nextLeaf);
  else fault('head-mismatch', `the head, of ${head.treeSize} leaves, is not a state of this trail`);
}

// ---------------------------------------------------------------- the program
// Split at line feeds alone: a payload may hold U+2028, which node:readline takes for the end of a line.
async function* linesOf(stream) {
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function readLine(line) {
  const record = JSON.parse(line);
  // Otherwise a member said twice would show one value to a reader and another to this program.
  if (canonical(record) !== line) throw new Error('it is not canonical JSON, as exports are');
  if (!Object.hasOwn(readers, record.kind)) throw new Error(`its kind ${record.kind} is unknown`);
  if ((header === undefined) !== (record.kind === 'header')) throw new Error('a header is the first line and no other');
  readers[record.kind](record);
}

let number = 0;
try {
  const known = { head: { type: 'string' }, key: { type: 'string', multiple: true } };
  const { values, positionals } = parseArgs({ options: known, allowPositionals: true });
  options = values;
  if (options.head !== undefined) head = JSON.parse(readFileSync(options.head, 'utf8'));
  if (options.head !== undefined && typeof head?.root !== 'string') throw new Error(`${options.head} holds no head.`);
  const input = positionals[0] === undefined ? process.stdin : createReadStream(positionals[0]);
  for await (const line of linesOf(input)) {
    number += 1;
    readLine(line);
  }
  if (header === undefined) throw new Error('there is no header');
  closeSegment();
  judgeStrays();
  checkEnd();
  if (faults > FAULTS_SHOWN) console.log(`The first ${FAULTS_SHOWN} faults are shown.`);
  console.log(`Organization ${header.organizationId}: leaves ${header.from} to ${tree.size - 1}, root ${rootOfTree()}`);
  console.log(`${events} events, ${unsealed} not sealed yet; seals by key ${[...keysThatHeld].join(', ') || '(none)'}`);
  console.log(faults === 0 ? 'OK: nothing was changed, removed, inserted or moved.' : `${faults} faults.`);
  process.exitCode = faults === 0 ? 0 : 1;
} catch (error) {
  console.error(number === 0 ? error.message : `Line ${number} of the export cannot be read: ${error.message}.`);
  process.exitCode = 2;
}
