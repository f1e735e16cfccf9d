import { EnumField, IdField, InstantField, IntegerField, NestedField, TextField } from '../../platform/http/fields.js';
import { PageQuery } from '../../platform/http/page-query.js';
import { deliveryStatuses, type DeliveryStatus } from './webhook-outbox.js';

const EXAMPLE_ID = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';
const EXAMPLE_INSTANT = '2026-11-22T09:30:00.000Z';
const EXAMPLE_BODY = '{"type":"order.shipped","timestamp":"2026-11-22T09:30:00.000Z","data":{"order":17}}';
const MOST = 2_147_483_647;

export class WebhookDeliveriesQuery extends PageQuery {
  @IdField({ description: 'The endpoint that they went to', example: EXAMPLE_ID, optional: true })
  readonly endpointId?: string;

  @EnumField({ description: 'What became of them', example: 'failed', values: deliveryStatuses, optional: true })
  readonly status?: DeliveryStatus;

  @IdField({ description: 'The execution that sent them', example: EXAMPLE_ID, optional: true })
  readonly executionId?: string;
}

export class RequestedWebhookView {
  @IdField({ description: 'Where to see what comes of it: GET /webhook-deliveries/{id}', example: EXAMPLE_ID })
  readonly deliveryId!: string;

  @IntegerField({ description: 'Number of the attempt', example: 2, minimum: 1, maximum: MOST })
  readonly attempt!: number;
}

export class WebhookDeliverySummaryView {
  @IdField({ description: 'Id of the delivery', example: EXAMPLE_ID })
  readonly id!: string;

  @IdField({ description: 'The endpoint that it goes to', example: EXAMPLE_ID })
  readonly endpointId!: string;

  @TextField({ description: 'Name of the endpoint', example: 'billing', maxLength: 100 })
  readonly endpointName!: string;

  @IdField({ description: 'The execution that sent it; null for a test', example: EXAMPLE_ID, nullable: true })
  readonly executionId!: string | null;

  @TextField({
    description: 'The header webhook-id, the same for every attempt',
    example: `${EXAMPLE_ID}.tell.1`,
    maxLength: 500,
  })
  readonly webhookId!: string;

  @TextField({ description: 'What it tells', example: 'order.shipped', maxLength: 128 })
  readonly type!: string;

  @EnumField({
    description: 'unknown: it was sent and no answer came, so whether it arrived nobody knows',
    example: 'delivered',
    values: deliveryStatuses,
  })
  readonly status!: DeliveryStatus;

  @IntegerField({ description: 'Attempts so far', example: 1, minimum: 1, maximum: MOST })
  readonly attemptCount!: number;

  @InstantField({ description: 'When it was first to be sent', example: EXAMPLE_INSTANT })
  readonly createdAt!: string;

  @InstantField({ description: 'When the receiver took it', example: EXAMPLE_INSTANT, nullable: true })
  readonly deliveredAt!: string | null;
}

export class WebhookAttemptView {
  @IntegerField({ description: 'Number of the attempt, from 1', example: 1, minimum: 1, maximum: MOST })
  readonly attempt!: number;

  @EnumField({
    description: 'due: somebody asked for it, and it is about to be made',
    example: 'delivered',
    values: ['due', ...deliveryStatuses] as const,
  })
  readonly status!: 'due' | DeliveryStatus;

  @TextField({ description: 'Where it went', example: 'https://hooks.example.com/proviso', maxLength: 2000 })
  readonly url!: string;

  @IdField({ description: 'Who asked for it; null when a step did', example: EXAMPLE_ID, nullable: true })
  readonly requestedBy!: string | null;

  @InstantField({ description: 'When it began', example: EXAMPLE_INSTANT, nullable: true })
  readonly startedAt!: string | null;

  @IntegerField({ description: 'Milliseconds that it took', example: 87, minimum: 0, maximum: MOST, nullable: true })
  readonly durationMs!: number | null;

  @IntegerField({ description: 'What the receiver answered', example: 204, minimum: 100, maximum: 999, nullable: true })
  readonly responseStatus!: number | null;

  @TextField({ description: 'How its answer begins', example: 'ok', maxLength: 1024, nullable: true })
  readonly responseBody!: string | null;

  @TextField({
    description: 'Why it was not delivered',
    example: 'The receiver answered 500.',
    maxLength: 500,
    nullable: true,
  })
  readonly error!: string | null;
}

export class WebhookDeliveryView extends WebhookDeliverySummaryView {
  @TextField({ description: 'The very bytes that are sent and signed', example: EXAMPLE_BODY, maxLength: 262_144 })
  readonly body!: string;

  @NestedField({ description: 'Its attempts in order, the newest 100', type: () => WebhookAttemptView, maxItems: 100 })
  readonly attempts!: readonly WebhookAttemptView[];
}
