import type { Readable } from 'node:stream';
import { malformed } from '../../kernel/domain-error.js';

/** The text of an upload, piece by piece, without its byte order mark. @throws malformed for bytes that are no UTF-8 */
export async function* decodedText(body: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    const text = decode(decoder, bytes, chunk);
    bytes += chunk.length;
    if (text !== '') yield text;
  }
  const rest = decode(decoder, bytes);
  if (rest !== '') yield rest;
}

function decode(decoder: InstanceType<typeof TextDecoder>, position: number, chunk?: Buffer): string {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
  } catch {
    throw malformed('body-is-no-utf-8', `The upload holds bytes that are no UTF-8, behind byte ${position}.`);
  }
}
