import { ByteReader, encodeName, encodeNumber } from './byte-reader.js';
import { Instruction, readInstruction } from './instructions.js';

/** Under this name the ticks that are left are exported. */
export const TICKS_EXPORT = 'ticks';

const SECTION = { import: 2, global: 6, export: 7, code: 10 } as const;
const I32 = 0x7f;
const MUTABLE = 1;
const GLOBAL_KIND = 3;
const IMPORTED_FUNCTION = 0;
const IMPORTED_MEMORY = 2;

/**
 * Rewrites a WebAssembly module so that it counts what it does and ends by itself: a tick for each turn of a loop, each
 * call of a function, and each 64 bytes that are copied or filled at once, taken from the exported global `ticks`;
 * below 0 it traps. Everything that takes time takes ticks, so the count is a bound on time that is the same on every
 * machine, and no signal from outside is needed, which a single thread could not even hear.
 * @throws Error when the module holds anything that is not known here
 */
export function meter(module: Uint8Array): Uint8Array<ArrayBuffer> {
  const sections = splitSections(module);
  const globals = countGlobals(sections);
  const meters: Meters = { ticks: globals, length: globals + 1 };
  const parts = sections.map(({ id, content }) => {
    if (id === SECTION.global) return section(id, appendToList(content, [...fullGlobal, ...fullGlobal], 2));
    if (id === SECTION.export) return section(id, appendToList(content, exportOf(meters.ticks), 1));
    return section(id, id === SECTION.code ? meterCode(content, meters) : content);
  });
  return concatenate([module.subarray(0, 8), ...parts]);
}

/** Indexes of the added globals: ticks that are left, and the length of what is being copied or filled. */
interface Meters {
  readonly ticks: number;
  readonly length: number;
}

interface Section {
  readonly id: number;
  readonly content: Uint8Array;
}

function splitSections(module: Uint8Array): Section[] {
  const reader = new ByteReader(module);
  reader.skip(8);
  const sections: Section[] = [];
  while (!reader.isAtEnd) {
    const id = reader.byte();
    sections.push({ id, content: reader.take(reader.number()) });
  }
  return sections;
}

function countGlobals(sections: readonly Section[]): number {
  const own = sections.find(({ id }) => id === SECTION.global);
  const imports = sections.find(({ id }) => id === SECTION.import);
  if (!own || !imports || !sections.some(({ id }) => id === SECTION.export)) {
    throw new Error('The WebAssembly module lacks a section that metering adds to.');
  }
  assertNoGlobals(new ByteReader(imports.content));
  return new ByteReader(own.content).number();
}

/** An imported global would move the indexes of the module's own. */
function assertNoGlobals(imports: ByteReader): void {
  for (let left = imports.number(); left > 0; left--) {
    imports.skip(imports.number());
    imports.skip(imports.number());
    const kind = imports.byte();
    if (kind !== IMPORTED_FUNCTION && kind !== IMPORTED_MEMORY) {
      throw new Error('The WebAssembly module imports more than functions and a memory.');
    }
    const hasMaximum = kind === IMPORTED_MEMORY && imports.byte() !== 0;
    for (let numbers = hasMaximum ? 2 : 1; numbers > 0; numbers--) imports.skipNumber();
  }
}

/** A mutable i32 that begins with its largest value, so that the module's start function can run. */
const fullGlobal = [I32, MUTABLE, 0x41, 0xff, 0xff, 0xff, 0xff, 0x07, 0x0b];

const exportOf = (index: number): number[] => [...encodeName(TICKS_EXPORT), GLOBAL_KIND, ...encodeNumber(index)];

const section = (id: number, content: Uint8Array): Uint8Array =>
  concatenate([Uint8Array.from([id, ...encodeNumber(content.length)]), content]);

function appendToList(content: Uint8Array, entries: readonly number[], count: number): Uint8Array {
  const reader = new ByteReader(content);
  const length = encodeNumber(reader.number() + count);
  return concatenate([Uint8Array.from(length), content.subarray(reader.position), Uint8Array.from(entries)]);
}

function meterCode(content: Uint8Array, meters: Meters): Uint8Array {
  const reader = new ByteReader(content);
  const count = reader.number();
  const inserted = codeOf(meters);
  const parts: Uint8Array[] = [Uint8Array.from(encodeNumber(count))];
  for (let i = 0; i < count; i++) {
    const body = meterFunction(reader.take(reader.number()), inserted);
    parts.push(Uint8Array.from(encodeNumber(body.length)), body);
  }
  return concatenate(parts);
}

function meterFunction(body: Uint8Array, { tick, charge }: InsertedCode): Uint8Array {
  const reader = new ByteReader(body);
  for (let groups = reader.number(); groups > 0; groups--) {
    reader.skipNumber();
    reader.skip(1);
  }
  const parts = [body.subarray(0, reader.position), tick];
  let copied = reader.position;
  while (!reader.isAtEnd) {
    const start = reader.position;
    const code = readInstruction(reader);
    const isBulk = code === Instruction.MemoryCopy || code === Instruction.MemoryFill;
    if (code !== Instruction.Loop && !isBulk) continue;
    const place = isBulk ? start : reader.position;
    parts.push(body.subarray(copied, place), isBulk ? charge : tick);
    copied = place;
  }
  return concatenate([...parts, body.subarray(copied)]);
}

interface InsertedCode {
  /** Takes one tick and traps when none is left. */
  readonly tick: Uint8Array;
  /** Takes ticks by the length on top of the stack, and leaves it there. */
  readonly charge: Uint8Array;
}

function codeOf(meters: Meters): InsertedCode {
  const [ticks, length] = [encodeNumber(meters.ticks), encodeNumber(meters.length)];
  const [get, set] = [0x23, 0x24];
  const [constant, subtract, isLess, shiftRight] = [0x41, 0x6b, 0x48, 0x76];
  const trapIf = [0x04, 0x40, 0x00, 0x0b];
  return {
    tick: Uint8Array.from([
      ...[get, ...ticks, constant, 1, subtract, set, ...ticks],
      ...[get, ...ticks, constant, 0, isLess, ...trapIf],
    ]),
    charge: Uint8Array.from([
      ...[set, ...length, get, ...ticks, get, ...length, constant, 6, shiftRight, subtract, set, ...ticks],
      ...[get, ...length],
    ]),
  };
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}
