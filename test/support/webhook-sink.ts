import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A webhook as the sink got it. */
export interface ReceivedWebhook {
  /** Header `webhook-id`. */
  readonly id: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The bytes as text, for checking the signature. */
  readonly body: string;
}

/** How the sink answers the next webhooks; 204 unless told. */
export type SinkBehaviour = (response: ServerResponse, webhook: ReceivedWebhook) => void;

const accept: SinkBehaviour = (response) => void response.writeHead(204).end();

/** A real HTTP server on this machine that keeps and counts the webhooks it gets. */
export async function startWebhookSink(host = '127.0.0.1', port = 0) {
  const received: ReceivedWebhook[] = [];
  let behaviour = accept;
  const server = createServer((request, response) => {
    const receive = (body: string): void => {
      const { url = '', headers } = request;
      const webhook = { id: String(headers['webhook-id']), path: url, headers, body };
      received.push(webhook);
      behaviour(response, webhook);
    };
    // A sender that breaks off in the middle has not delivered anything.
    void text(request).then(receive, () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const bound = (server.address() as AddressInfo).port;
  return {
    host,
    port: bound,
    url: `http://${host}:${bound}`,
    received,
    /** The webhooks with this id, in order. */
    of: (id: string): ReceivedWebhook[] => received.filter((webhook) => webhook.id === id),
    behave: (next: SinkBehaviour = accept): void => {
      behaviour = next;
    },
    stop: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type WebhookSink = Awaited<ReturnType<typeof startWebhookSink>>;
