import { Injectable } from '@nestjs/common';
import type { Unit } from '../../audit/audit.contract.js';
import { systemActor } from '../../identity/identity.contract.js';
import { DomainError } from '../../kernel/domain-error.js';
import type { DomainEvent } from '../../kernel/domain-event.js';
import { newId } from '../../kernel/id.js';
import type { JsonObject } from '../../kernel/json.js';
import { Sql } from '../../platform/database/sql.js';
import { Queues } from '../../platform/queue/queues.js';
import { attemptJob } from './requested-attempt-alarm.js';
import { type AttemptPlace, WebhookOutbox } from './webhook-outbox.js';
import { LOST_OUTCOME, unsentOutcome } from './webhook-outcome.js';
import { type TimedOutcome, WebhookSender, type WebhookTarget } from './webhook-sender.js';
import { SIGNING_SECRETS } from './webhook-targets.js';

/** An attempt lasts 15 s at most; whose lease is over has no process any more. */
const LEASE = '30 seconds';
/** So that its job has taken an attempt before the sweeper looks. */
const GRACE = '2 seconds';

const CLAIM = `with before as (
    select status from webhook_attempts
    where organization_id = $1 and delivery_id = $2 and attempt = $3
  ),
  claimed as (
    update webhook_attempts set status = 'sending', started_at = coalesce(started_at, app_now()),
      lease_until = clock_timestamp() + interval '${LEASE}'
    where organization_id = $1 and delivery_id = $2 and attempt = $3 and (status = 'due'
      or status = 'sending' and lease_until <= clock_timestamp())
    returning delivery_id, causation_id, url
  )
  select before.status = 'sending' as "isLost", claimed.causation_id as "causationId", claimed.url,
    delivery.endpoint_id as "endpointId", delivery.webhook_id as "webhookId", delivery.body,
    (select ${SIGNING_SECRETS} from webhook_endpoints e
     where e.organization_id = $1 and e.id = delivery.endpoint_id) as secrets
  from claimed, before, webhook_deliveries delivery
  where delivery.organization_id = $1 and delivery.id = claimed.delivery_id`;

interface ClaimedAttempt extends WebhookTarget, Record<string, unknown> {
  /** Somebody began it, and is gone. */
  readonly isLost: boolean;
  readonly causationId: string;
  readonly webhookId: string;
  readonly body: string;
}

/** An attempt that somebody asks for, with the event that tells it. */
export interface RequestedAttempt extends AttemptPlace {
  /** Version of the delivery. */
  readonly version: number;
  readonly url: string;
  readonly event: DomainEvent;
}

/** Attempts that people ask for: tests and redeliveries. Each is made once, by a job that may come twice or be lost. */
@Injectable()
export class RequestedAttempts {
  constructor(
    private readonly sql: Sql,
    private readonly outbox: WebhookOutbox,
    private readonly sender: WebhookSender,
    private readonly queues: Queues,
  ) {}

  /** Stores an attempt in a unit of work, and wakes a worker once it is durable. */
  async add(unit: Unit, { deliveryId, attempt, version, url, event }: RequestedAttempt): Promise<void> {
    const { organizationId, correlationId, id: requestedBy } = unit.actor;
    const causationId = newId();
    await unit.em.execute(
      `insert into webhook_attempts (organization_id, delivery_id, attempt, status, url, requested_by, causation_id,
         correlation_id, lease_until)
       values (?, ?, ?, 'due', ?, ?, ?, ?, clock_timestamp() + interval '${GRACE}')`,
      [organizationId, deliveryId, attempt, url, requestedBy, causationId, correlationId],
    );
    unit.record('webhook-delivery', { id: deliveryId, version }, { ...event, id: causationId });
    const job = attemptJob({ organizationId, deliveryId, attempt, correlationId });
    unit.onCommitted(() => this.queues.wake('webhooks', [job]));
  }

  /** One job. An attempt that is made, or being made, is left alone. */
  async handle(data: JsonObject, signal?: AbortSignal): Promise<void> {
    const { organizationId, correlationId, ...place } = data as unknown as AttemptPlace & Record<string, string>;
    const values = [organizationId, place.deliveryId, place.attempt];
    const [claimed] = await this.sql.write<ClaimedAttempt>(organizationId!, CLAIM, values);
    if (!claimed) return;
    const trail = { correlationId: correlationId!, causationId: claimed.causationId, depth: 1 };
    const outcome = await this.make(organizationId!, claimed, signal);
    await this.outbox.settle(systemActor(organizationId!, trail), place, outcome);
  }

  private async make(organizationId: string, claimed: ClaimedAttempt, signal?: AbortSignal): Promise<TimedOutcome> {
    if (claimed.isLost) return { ...LOST_OUTCOME, durationMs: 0 };
    if (claimed.secrets.length === 0) return { ...unsentOutcome('The endpoint was removed.'), durationMs: 0 };
    try {
      return await this.sender.send(await this.sender.open(organizationId, claimed), claimed, signal);
    } catch (error) {
      if (error instanceof DomainError) return { ...unsentOutcome(error.message), durationMs: 0 };
      throw error;
    }
  }
}
