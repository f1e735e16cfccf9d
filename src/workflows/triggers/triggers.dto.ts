import { EnumField, IdField, InstantField, IntegerField, NestedField, TextField } from '../../platform/http/fields.js';

const EXAMPLE_ID = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';
const EXAMPLE_INSTANT = '2026-11-27T08:00:00.000Z';
const EXAMPLE_CRON = '0 9 * * MON-FRI';
const EXAMPLE_ZONE = 'Europe/Berlin';
const CRON =
  'Cron expression of five fields, or of six with seconds in front. It fires once for each local time: one that clocks skip at the first instant after the gap, one that they show twice when they show it first.';

export class SchedulePreviewBody {
  @TextField({ description: CRON, example: EXAMPLE_CRON, minLength: 1, maxLength: 255 })
  readonly cron!: string;

  @TextField({ description: 'IANA time zone', example: EXAMPLE_ZONE, minLength: 1, maxLength: 100, fallback: 'UTC' })
  readonly timeZone!: string;

  @IntegerField({ description: 'How many firings to tell', example: 10, minimum: 1, maximum: 100, fallback: 10 })
  readonly count!: number;
}

export class ScheduleFiringView {
  @InstantField({ description: 'When it fires', example: EXAMPLE_INSTANT })
  readonly at!: string;

  @TextField({
    description: 'What clocks of the zone show then',
    example: '2026-11-27T09:00:00+01:00',
    maxLength: 32,
  })
  readonly localTime!: string;
}

export class SchedulePreviewView {
  @NestedField({ description: 'The next firings, in order', type: () => ScheduleFiringView, maxItems: 100 })
  readonly firings!: readonly ScheduleFiringView[];
}

export class WorkflowScheduleView {
  @TextField({ description: CRON, example: EXAMPLE_CRON, maxLength: 255 })
  readonly cron!: string;

  @TextField({ description: 'IANA time zone', example: EXAMPLE_ZONE, maxLength: 100 })
  readonly timeZone!: string;

  @EnumField({
    description: 'What becomes of firings that nobody was there for: none, one for all, or each',
    example: 'once',
    values: ['skip', 'once', 'all'],
  })
  readonly missed!: string;

  @NestedField({
    description: 'The next firings, at most ten; none while the workflow is disabled',
    type: () => ScheduleFiringView,
    maxItems: 10,
  })
  readonly next!: readonly ScheduleFiringView[];

  @InstantField({ description: 'The firing that was done last', example: EXAMPLE_INSTANT, nullable: true })
  readonly lastFiredAt!: string | null;
}

export class InboundWebhookAccessView {
  @TextField({
    description: 'Where to send requests, below the address of this installation; it is a secret too',
    example: '/api/v1/workflows/hooks/prh_0193524e4a3c7c119d3a5b1f0a6e2c44_Jx0…',
    maxLength: 255,
  })
  readonly path!: string;

  @TextField({
    description: 'The secret that signs them after Standard Webhooks',
    example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw…',
    maxLength: 100,
  })
  readonly secret!: string;
}

export class InboundWebhookView {
  @TextField({ description: 'How its token begins', example: 'prh_0193524e4a3c7c119d3a5b1f0a6e2c44', maxLength: 50 })
  readonly tokenPrefix!: string;

  @InstantField({ description: 'When it was made', example: EXAMPLE_INSTANT })
  readonly createdAt!: string;

  @IdField({ description: 'Who made it', example: EXAMPLE_ID })
  readonly createdBy!: string;

  @InstantField({ description: 'When URL and secret were last replaced', example: EXAMPLE_INSTANT, nullable: true })
  readonly rotatedAt!: string | null;
}

export class HookParameters {
  @TextField({
    description: 'The token of the secret URL',
    example: 'prh_0193524e4a3c7c119d3a5b1f0a6e2c44_Jx0Zr2bQ5mVq8yTn4kLw7cHd1fGs9pXa3eUi6oRj0Bv',
    minLength: 1,
    maxLength: 200,
  })
  readonly token!: string;
}
