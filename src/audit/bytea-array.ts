const BYTEA_TYPE = 17;
const HEADER_BYTES = 20;

/**
 * A `bytea[]` parameter in PostgreSQL's binary form: dimensions, whether there are nulls, element type, length and lower
 * bound, then each element behind its length. Texts go as their UTF-8 bytes. In the textual form every quote in a
 * payload would be escaped here, and every escape undone there.
 */
export function byteaArray(items: readonly (string | Uint8Array)[]): Buffer {
  const lengths = items.map((item) => Buffer.byteLength(item));
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 4 + length, HEADER_BYTES));
  for (const [index, value] of [1, 0, BYTEA_TYPE, items.length, 1].entries()) bytes.writeInt32BE(value, index * 4);
  let offset = HEADER_BYTES;
  for (const [index, item] of items.entries()) {
    offset = bytes.writeInt32BE(lengths[index]!, offset);
    if (typeof item === 'string') bytes.write(item, offset);
    else bytes.set(item, offset);
    offset += lengths[index]!;
  }
  return bytes;
}
