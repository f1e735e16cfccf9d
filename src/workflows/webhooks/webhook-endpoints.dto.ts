import { BooleanField, IdField, InstantField, IntegerField, TextField } from '../../platform/http/fields.js';
import type { AuthoredEndpoint } from './webhook-endpoint.js';

const EXAMPLE_ID = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';
const EXAMPLE_INSTANT = '2026-11-22T09:30:00.000Z';
const EXAMPLE_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

export class WebhookEndpointBody {
  @TextField({
    description: 'By which steps name it',
    example: 'billing',
    minLength: 1,
    maxLength: 100,
    pattern: /^[A-Za-z0-9][\w.-]*$/,
  })
  readonly name!: string;

  @TextField({
    description: 'Where it takes webhooks: a public address, in production over https',
    example: 'https://hooks.example.com/proviso',
    minLength: 1,
    maxLength: 2000,
    format: 'uri',
  })
  readonly url!: string;

  @TextField({ description: 'What it is for', example: 'Invoices', maxLength: 1000, nullable: true, optional: true })
  readonly description?: string | null;

  @BooleanField({ description: 'Whether steps may send to it', example: true, fallback: true })
  readonly enabled!: boolean;
}

const secret = { example: EXAMPLE_SECRET, maxLength: 100 };

export class CreateWebhookEndpointBody extends WebhookEndpointBody {
  @TextField({ ...secret, description: 'One of your own: `whsec_` and 24 to 64 bytes in base64', optional: true })
  readonly secret?: string;
}

export class RotateWebhookSecretBody {
  @TextField({ ...secret, description: 'One of your own; else one is made', optional: true })
  readonly secret?: string;
}

export class WebhookEndpointView extends WebhookEndpointBody {
  @IdField({ description: 'Id of the endpoint', example: EXAMPLE_ID })
  readonly id!: string;

  @IntegerField({ description: 'Counts its changes', example: 1, minimum: 1, maximum: 2_147_483_647 })
  readonly version!: number;

  @InstantField({
    description: 'Until when the secret before the last rotation signs too',
    example: EXAMPLE_INSTANT,
    nullable: true,
  })
  readonly previousSecretUntil!: string | null;

  @InstantField({ description: 'When it was made', example: EXAMPLE_INSTANT })
  readonly createdAt!: string;

  @InstantField({ description: 'When it was last changed', example: EXAMPLE_INSTANT })
  readonly updatedAt!: string;
}

export class WebhookEndpointWithSecretView extends WebhookEndpointView {
  @TextField({ ...secret, description: 'Verifies what comes from here; shown only now' })
  readonly secret!: string;
}

/** What an endpoint's author says, from the body of a request. */
export const authoredEndpoint = ({ name, url, description, enabled }: WebhookEndpointBody): AuthoredEndpoint => ({
  name,
  url,
  description: description ?? null,
  isEnabled: enabled,
});
