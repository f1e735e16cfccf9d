import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../../kernel/json.js';
import { OutboundFailure } from '../../platform/outbound/outbound-failure.js';
import { Outbound } from '../../platform/outbound/outbound.js';
import { WebhookMetrics } from './webhook-metrics.js';
import { outcomeOfAnswer, outcomeOfFailure, type WebhookOutcome } from './webhook-outcome.js';
import { WebhookSecrets } from './webhook-secrets.js';
import { signedHeaders } from './webhook-signature.js';

/** Where a webhook goes, with the secrets that sign now, as they are stored. */
export interface WebhookTarget {
  readonly endpointId: string;
  readonly url: string;
  readonly secrets: readonly JsonObject[];
}

/** A target with its secrets opened. */
export interface OpenedTarget {
  readonly url: string;
  readonly secrets: readonly string[];
}

/** What is sent. */
export interface OutgoingWebhook {
  readonly webhookId: string;
  readonly body: string;
}

/** An outcome with the whole milliseconds that it took. */
export type TimedOutcome = WebhookOutcome & { readonly durationMs: number };

/** Signs webhooks and sends them. */
@Injectable()
export class WebhookSender {
  constructor(
    private readonly outbound: Outbound,
    private readonly secrets: WebhookSecrets,
    private readonly metrics: WebhookMetrics,
  ) {}

  /** @throws unavailable `webhook-secret-unreadable` */
  async open(organizationId: string, { endpointId, url, secrets }: WebhookTarget): Promise<OpenedTarget> {
    const owner = { organizationId, endpointId };
    return { url, secrets: await Promise.all(secrets.map((secret) => this.secrets.open(owner, secret))) };
  }

  /** Makes one attempt; what comes of it, a failure too, is the answer. */
  async send(
    { url, secrets }: OpenedTarget,
    { webhookId, body }: OutgoingWebhook,
    signal?: AbortSignal,
  ): Promise<TimedOutcome> {
    const start = performance.now();
    const signed = signedHeaders(secrets, { id: webhookId, sentAt: new Date(), body });
    const headers = { 'content-type': 'application/json', 'user-agent': 'Proviso', ...signed };
    const outcome = await this.outbound
      .post({ url, headers, body, ...(signal && { signal }) })
      .then(outcomeOfAnswer, (error: unknown) => {
        if (error instanceof OutboundFailure) return outcomeOfFailure(error);
        throw error;
      });
    const durationMs = Math.round(performance.now() - start);
    this.metrics.ended(outcome, durationMs);
    return { ...outcome, durationMs };
  }
}
