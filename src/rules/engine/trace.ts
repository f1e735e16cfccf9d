/** What became of a node: two bits each. */
export const TraceState = { NotReached: 0, False: 1, True: 2, Error: 3 } as const;
export type TraceState = (typeof TraceState)[keyof typeof TraceState];

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * The first `count` states as base64url (RFC 4648, no padding) of bytes that hold four states each, the first in the
 * highest bits.
 */
export function encodeTrace(states: Uint8Array, count: number): string {
  const length = Math.ceil((Math.ceil(count / 4) * 4) / 3);
  let text = '';
  for (let char = 0, node = 0; char < length; char++, node += 3) {
    text += ALPHABET.charAt(
      (at(states, node, count) << 4) | (at(states, node + 1, count) << 2) | at(states, node + 2, count),
    );
  }
  return text;
}

const at = (states: Uint8Array, node: number, count: number): number => (node < count ? (states[node] ?? 0) : 0);

/** The states of `count` nodes from what encodeTrace wrote; nodes that the text does not reach are NotReached. */
export function decodeTrace(text: string, count: number): Uint8Array {
  const states = new Uint8Array(count);
  const bytes = Buffer.from(text, 'base64url');
  for (let node = 0; node < count; node++) states[node] = ((bytes[node >> 2] ?? 0) >> (6 - 2 * (node & 3))) & 3;
  return states;
}
