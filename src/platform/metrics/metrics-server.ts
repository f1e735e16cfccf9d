import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { InjectConfiguration } from '../config/config.module.js';
import type { Configuration } from '../config/configuration.js';
import { Metrics } from './metrics.js';

/** Serves `/metrics` without login on METRICS_PORT, for the scraper alone; without that variable it does not listen. */
@Injectable()
export class MetricsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private server: Server | undefined;

  constructor(
    private readonly metrics: Metrics,
    @InjectConfiguration() private readonly configuration: Pick<Configuration, 'METRICS_PORT' | 'host'>,
  ) {}

  /** The port it listens on; undefined when it does not. */
  get port(): number | undefined {
    return (this.server?.address() as AddressInfo | undefined)?.port;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { METRICS_PORT, host } = this.configuration;
    if (METRICS_PORT === undefined) return;
    const server = createServer((request, response) => {
      if (request.url !== '/metrics') return void response.writeHead(404).end();
      void this.metrics.registry.metrics().then((text) => {
        response.writeHead(200, { 'Content-Type': this.metrics.registry.contentType }).end(text);
      });
    });
    this.server = server.listen(METRICS_PORT, host);
    await once(server, 'listening');
  }

  async onApplicationShutdown(): Promise<void> {
    if (!this.server) return;
    this.server.closeAllConnections();
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }
}
