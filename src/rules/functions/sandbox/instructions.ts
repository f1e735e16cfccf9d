import type { ByteReader } from './byte-reader.js';

/** The instructions that metering looks at. */
export const Instruction = { Loop: 0x03, MemoryCopy: 0xfc0a, MemoryFill: 0xfc0b } as const;

/** What stands behind an instruction: LEB128 numbers, or so many fixed bytes. */
interface Immediates {
  readonly numbers?: number;
  readonly bytes?: number;
}

const none: Immediates = {};
const oneNumber: Immediates = { numbers: 1 };
const twoNumbers: Immediates = { numbers: 2 };

const BR_TABLE = 0x0e;
const SELECT_TYPED = 0x1c;
const PREFIXED = 0xfc;

/** Inclusive ranges of instructions with the same immediates, from the specification of WebAssembly 2.0. */
const ranges: readonly (readonly [first: number, last: number, Immediates])[] = [
  [0x00, 0x01, none],
  [0x02, 0x04, oneNumber],
  [0x05, 0x05, none],
  [0x0b, 0x0b, none],
  [0x0c, 0x0d, oneNumber],
  [0x0f, 0x0f, none],
  [0x10, 0x10, oneNumber],
  [0x11, 0x11, twoNumbers],
  [0x1a, 0x1b, none],
  [0x20, 0x26, oneNumber],
  [0x28, 0x3e, twoNumbers],
  [0x3f, 0x42, oneNumber],
  [0x43, 0x43, { bytes: 4 }],
  [0x44, 0x44, { bytes: 8 }],
  [0x45, 0xc4, none],
  [0xd0, 0xd0, oneNumber],
  [0xd1, 0xd1, none],
  [0xd2, 0xd2, oneNumber],
  [0xfc00, 0xfc07, none],
  [0xfc08, 0xfc08, twoNumbers],
  [0xfc09, 0xfc09, oneNumber],
  [0xfc0a, 0xfc0a, twoNumbers],
  [0xfc0b, 0xfc0b, oneNumber],
  [0xfc0c, 0xfc0c, twoNumbers],
  [0xfc0d, 0xfc0d, oneNumber],
  [0xfc0e, 0xfc0e, twoNumbers],
  [0xfc0f, 0xfc11, oneNumber],
];

/** By code; -1 for what is not known. Typed arrays, because every instruction of the interpreter is looked up here. */
const numbersBehind = new Int8Array(0xfc12).fill(-1);
const bytesBehind = new Int8Array(0xfc12);
for (const [first, last, { numbers = 0, bytes = 0 }] of ranges) {
  numbersBehind.fill(numbers, first, last + 1);
  bytesBehind.fill(bytes, first, last + 1);
}

/**
 * Reads one instruction with its immediates and gives its code, prefixed ones as 0xfc00 + n.
 * @throws Error for an instruction that is not known here: unmetered code must never run
 */
export function readInstruction(reader: ByteReader): number {
  const first = reader.byte();
  const code = first === PREFIXED ? 0xfc00 + reader.number() : first;
  let numbers = numbersBehind[code] ?? -1;
  if (code === BR_TABLE) numbers = reader.number() + 1;
  else if (code === SELECT_TYPED) numbers = reader.number();
  if (numbers < 0) throw new Error(`The WebAssembly instruction 0x${code.toString(16)} is not known.`);
  reader.skip(bytesBehind[code] ?? 0);
  for (; numbers > 0; numbers--) reader.skipNumber();
  return code;
}
