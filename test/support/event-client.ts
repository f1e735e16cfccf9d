import { get, type IncomingMessage } from 'node:http';

/** One frame of `text/event-stream`. */
export interface ReceivedEvent {
  readonly id: string | undefined;
  readonly type: string | undefined;
  readonly data: string | undefined;
  readonly isComment: boolean;
}

/** What a client asks for, over a connection of its own. */
export interface StreamRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Told of each frame; `hang up` cuts the connection, and nothing more is told. */
  readonly onEvent: (event: ReceivedEvent, hangUp: () => void) => void;
}

/** How a stream was answered, once its connection is closed. */
export interface StreamEnd {
  readonly status: number | undefined;
  readonly type: string | undefined;
  /** What came instead of a stream. */
  readonly text: string;
}

/** Reads a stream until either side ends it. */
export async function receiveEvents({ url, headers, onEvent }: StreamRequest): Promise<StreamEnd> {
  const response = await open(url, headers);
  const { statusCode: status, headers: answered } = response;
  const type = answered['content-type'];
  let text = '';
  try {
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
      text += chunk;
      if (type?.startsWith('text/event-stream')) text = tell(text, onEvent, response);
      if (response.destroyed) break;
    }
  } catch {
    // The connection was cut.
  }
  return { status, type, text };
}

const open = (url: string, headers: Readonly<Record<string, string>>): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, resolve).on('error', reject);
  });

/** Tells of whole frames; gives the rest. */
function tell(text: string, onEvent: StreamRequest['onEvent'], response: IncomingMessage): string {
  const frames = text.split('\n\n');
  const rest = frames.pop()!;
  for (const frame of frames) {
    if (!response.destroyed) onEvent(eventOf(frame), () => response.destroy());
  }
  return rest;
}

function eventOf(frame: string): ReceivedEvent {
  const lines = frame.split('\n');
  const field = (name: string): string | undefined =>
    lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  return { id: field('id'), type: field('event'), data: field('data'), isComment: frame.startsWith(':') };
}
