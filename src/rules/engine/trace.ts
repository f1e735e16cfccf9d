/** What became of a node: two bits each. */
export const TraceState = { NotReached: 0, False: 1, True: 2, Error: 3 } as const;
export type TraceState = (typeof TraceState)[keyof typeof TraceState];

const ALPHABET = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];
// Six states make two characters; looking both up at once halves the joining of texts.
const PAIRS = ALPHABET.flatMap((first) => ALPHABET.map((second) => first + second));

/**
 * The first `count` states as base64url (RFC 4648, no padding) of bytes that hold four states each, the first in the
 * highest bits.
 */
export function encodeTrace(states: Uint8Array, count: number): string {
  const length = Math.ceil((Math.ceil(count / 4) * 4) / 3);
  let text = '';
  for (let char = 0, node = 0; char < length; char += 2, node += 6) {
    let bits = 0;
    for (let i = node; i < node + 6; i++) bits = (bits << 2) | (i < count ? (states[i] ?? 0) : 0);
    text += char + 1 < length ? PAIRS[bits] : ALPHABET[bits >> 6];
  }
  return text;
}

/** So many states fit into a number that is compared fastest. */
export const PACKED_LIMIT = 14;

/** The first `count` states, at most PACKED_LIMIT, as one number. */
export function packTrace(states: Uint8Array, count: number): number {
  let pattern = 0;
  for (let i = 0; i < count; i++) pattern = (pattern << 2) | (states[i] as number);
  return pattern;
}

/** The states that packTrace made one number of. */
export function unpackTrace(pattern: number, count: number): Uint8Array {
  const states = new Uint8Array(count);
  for (let node = 0; node < count; node++) states[node] = (pattern >> (2 * (count - 1 - node))) & 3;
  return states;
}

/** The states of `count` nodes from what encodeTrace wrote; nodes that the text does not reach are NotReached. */
export function decodeTrace(text: string, count: number): Uint8Array {
  const states = new Uint8Array(count);
  const bytes = Buffer.from(text, 'base64url');
  for (let node = 0; node < count; node++) states[node] = ((bytes[node >> 2] ?? 0) >> (6 - 2 * (node & 3))) & 3;
  return states;
}
