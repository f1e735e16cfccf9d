import { randomFillSync } from 'node:crypto';
import { v7, validate } from 'uuid';

/** The organization of the platform's own events: the nil UUID. */
export const PLATFORM_ORGANIZATION = '00000000-0000-0000-0000-000000000000';

/** A new UUID v7; its first 48 bits are the milliseconds of `at`, by default the present. Those of the present ascend. */
export function newId(at?: Date): string {
  const random = nextRandom();
  if (at) return v7({ random, msecs: at.getTime() });
  countUp(random);
  return v7({ random, ...last });
}

const ID_BYTES = 16;
// Asking the system for the bytes of one id costs more than all the rest of it.
const pool = new Uint8Array(256 * ID_BYTES);
let usedBytes = pool.length;

function nextRandom(): Uint8Array {
  if (usedBytes === pool.length) {
    randomFillSync(pool);
    usedBytes = 0;
  }
  usedBytes += ID_BYTES;
  return pool.subarray(usedBytes - ID_BYTES, usedBytes);
}

const last = { msecs: -Infinity, seq: 0 };

/** Within a millisecond, and when the clock was set back, ids are told apart by a counter (RFC 9562, section 6.2). */
function countUp(random: Uint8Array): void {
  const now = Date.now();
  if (now > last.msecs) {
    last.msecs = now;
    // The highest bit is left free, so that there is room to count.
    last.seq = new DataView(random.buffer, random.byteOffset).getUint32(6) >>> 1;
    return;
  }
  last.seq += 1;
  if (last.seq <= 0xffffffff) return;
  last.seq = 0;
  last.msecs += 1;
}

/** Whether a text is a UUID of any version. */
export const isId = (text: string): boolean => validate(text);

/** The millisecond that a UUID v7 carries. */
export const timeOfId = (id: string): Date => new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16));
