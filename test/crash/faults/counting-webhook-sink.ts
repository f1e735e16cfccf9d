import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { endpoints } from './definition-blocks.js';

/** So long the receiver thinks before it answers, so that there is a moment in which a webhook is on its way. */
const THINKS_MS = 20;

/** A real receiver of webhooks that keeps the ids of those it took. */
export class CountingWebhookSink {
  readonly taken: string[] = [];
  private readonly refusedOnce = new Set<string>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<CountingWebhookSink> {
    const server = createServer((request, response) => {
      // A sender that breaks off in the middle has not delivered anything.
      void text(request).then(
        () => sink.receive(request, response),
        () => undefined,
      );
    });
    const sink = new CountingWebhookSink(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return sink;
  }

  /** `127.0.0.1:40123`. */
  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  urlOf(endpoint: string): string {
    return `http://${this.host}/${endpoint}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async receive({ url, headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = String(headers['webhook-id']);
    const isRefused = url === `/${endpoints.flaky}` && !this.refusedOnce.has(id);
    if (isRefused) this.refusedOnce.add(id);
    else this.taken.push(id);
    await sleep(THINKS_MS);
    response.writeHead(isRefused ? 503 : 204).end();
  }
}
