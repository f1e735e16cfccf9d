import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { OpenStream, OpenStreams } from './open-streams.js';

/** What may wait in a stream before its connection takes it, bytes. */
const BUFFER_BYTES = 16_384;
/** How long the rest of a stream may take when the process ends. */
const FAREWELL_MS = 1_000;

/** A connection on which a stream is sent. */
export interface StreamConnection {
  readonly stream: OpenStream;
  readonly response: ServerResponse;
}

/**
 * Frames as a stream to answer with, pulled as fast as the connection takes them. A client that leaves them unread for
 * too long is cut off, and so is one that holds up the end of the process.
 */
export function sentStream(
  streams: OpenStreams,
  { stream, response }: StreamConnection,
  frames: AsyncIterable<string>,
): Readable {
  const { unreadForMs } = streams.limits;
  const cutOff = (): void => {
    streams.countCutOff();
    response.destroy();
  };
  const options = { objectMode: false, highWaterMark: BUFFER_BYTES };
  const sent = Readable.from(timed(frames, unreadForMs, cutOff), options).once('close', stream.close);
  let farewell: NodeJS.Timeout | undefined;
  stream.signal.addEventListener('abort', () => {
    farewell = setTimeout(() => response.destroy(), FAREWELL_MS);
  });
  response.once('close', () => {
    sent.destroy();
    stream.close();
    clearTimeout(farewell);
  });
  return sent;
}

/** The same frames; `late` is told of one after which nothing was asked for in so many milliseconds. */
async function* timed(frames: AsyncIterable<string>, withinMs: number, late: () => void): AsyncGenerator<string> {
  for await (const frame of frames) {
    const timer = setTimeout(late, withinMs);
    try {
      yield frame;
    } finally {
      clearTimeout(timer);
    }
  }
}
