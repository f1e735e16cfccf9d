/** Reads and copies the binary form of a WebAssembly module from front to back. */
export class ByteReader {
  position = 0;

  constructor(readonly bytes: Uint8Array) {}

  get isAtEnd(): boolean {
    return this.position >= this.bytes.length;
  }

  byte(): number {
    const byte = this.bytes[this.position++];
    if (byte === undefined) throw new Error('The WebAssembly module ends in the middle of something.');
    return byte;
  }

  /** An unsigned LEB128 number of at most 32 bits. */
  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** Passes over a LEB128 number of any size and sign. */
  skipNumber(): void {
    while (this.byte() >= 0x80);
  }

  skip(count: number): void {
    this.position += count;
  }

  /** So many bytes as a view, not a copy. */
  take(count: number): Uint8Array {
    const taken = this.bytes.subarray(this.position, this.position + count);
    this.position += count;
    return taken;
  }
}

/** A number as unsigned LEB128. */
export function encodeNumber(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const low = rest % 0x80;
    rest = Math.floor(rest / 0x80);
    bytes.push(rest > 0 ? low + 0x80 : low);
    if (rest === 0) return bytes;
  }
}

/** A text as WebAssembly writes names: its length, then UTF-8. */
export function encodeName(name: string): number[] {
  const bytes = new TextEncoder().encode(name);
  return [...encodeNumber(bytes.length), ...bytes];
}
