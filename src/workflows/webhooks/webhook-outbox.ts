import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../audit/audit.contract.js';
import { unavailable } from '../../kernel/domain-error.js';
import { newId } from '../../kernel/id.js';
import { Sql } from '../../platform/database/sql.js';
import type { Actor } from '../../platform/http/actor.js';
import type { StepContext } from '../executions/step-actions.js';
import type { TimedOutcome } from './webhook-sender.js';

/** `sending` is committed before the webhook leaves; `unknown` when nobody can say whether it arrived. */
export const deliveryStatuses = ['sending', 'delivered', 'unknown', 'failed'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** A webhook that a step wants to send. */
export interface WebhookDraft {
  readonly endpointId: string;
  readonly url: string;
  readonly type: string;
  readonly body: string;
  /** Whether one whose arrival nobody knows is sent again. */
  readonly isResent: boolean;
}

/** A delivery's row: to be sent now, or left as an earlier attempt left it. */
export interface NotedDelivery {
  readonly id: string;
  readonly isToBeSent: boolean;
  /** Before this attempt. */
  readonly status: DeliveryStatus;
  /** Number of the attempt, from 1; when it is not sent, of the last one. */
  readonly attempt: number;
  /** As the first attempt stored it. */
  readonly body: string;
}

/** One attempt of a delivery. */
export interface AttemptPlace {
  readonly deliveryId: string;
  readonly attempt: number;
}

// The lock on the run keeps the lease from passing on until the mark is committed, so the next holder sees the mark.
const NOTE = `with held as (
    select run.execution_id from workflow_step_runs run
    where run.organization_id = $1 and run.id = $2 and run.fence = $3 and run.status = 'running' for update
  ),
  before as (
    select id, status, attempts, body from webhook_deliveries where organization_id = $1 and webhook_id = $4
  ),
  noted as (
    insert into webhook_deliveries (organization_id, id, version, endpoint_id, execution_id, step_run_id, webhook_id,
      type, body, status, attempts, created_at)
    select $1, $5, 1, $6, held.execution_id, $2, $4, $7, $8, 'sending', 1, app_now() from held
    on conflict (organization_id, webhook_id) do update set status = 'sending',
      version = webhook_deliveries.version + 1, attempts = webhook_deliveries.attempts + 1
      where webhook_deliveries.status = any($9::text[])
    returning id, attempts, body
  ),
  lost as (
    update webhook_attempts earlier set status = 'unknown' from noted
    where earlier.organization_id = $1 and earlier.delivery_id = noted.id and earlier.status = 'sending'
      and earlier.lease_until is null
  ),
  begun as (
    insert into webhook_attempts (organization_id, delivery_id, attempt, status, url, started_at)
    select $1, id, attempts, 'sending', $10, app_now() from noted
  )
  select coalesce(noted.id, before.id) as id, noted.id is not null as "isToBeSent",
    coalesce(before.status, 'sending') as status, coalesce(noted.attempts, before.attempts) as attempt,
    coalesce(noted.body, before.body) as body
  from held left join noted on true left join before on true`;

// What arrived stays so. What may have arrived does not become undelivered by an answer that comes late, because nobody
// tries again. Otherwise the newest attempt has the last word.
const SETTLE = `with settled as (
    update webhook_attempts set status = ?, duration_ms = ?, response_status = ?, response_body = ?, error = ?
    where organization_id = ? and delivery_id = ? and attempt = ? and status in ('sending', 'unknown')
    returning attempt
  )
  update webhook_deliveries delivery set version = version + 1,
    delivered_at = case when ? = 'delivered' then coalesce(delivered_at, app_now()) else delivered_at end,
    status = case when status = 'delivered' or status = 'unknown' and ? = 'failed' then status
      when ? = 'delivered' or attempts = settled.attempt then ? else status end
  from settled where organization_id = ? and id = ?
  returning version, endpoint_id as "endpointId", type, execution_id as "executionId", step_run_id as "stepRunId"`;

interface SettledRow {
  readonly version: number;
  readonly endpointId: string;
  readonly type: string;
  readonly executionId: string | null;
  readonly stepRunId: string | null;
}

/** The deliveries' rows: each attempt is noted before it is made, and says afterwards what became of it. */
@Injectable()
export class WebhookOutbox {
  constructor(
    private readonly sql: Sql,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Marks a step's webhook as being sent, unless it arrived or may not be sent again. @throws unavailable `lease-lost` */
  async note({ actor, stepRunId, fence, idempotencyKey }: StepContext, draft: WebhookDraft): Promise<NotedDelivery> {
    const { endpointId, type, body, url, isResent } = draft;
    const sentFrom: DeliveryStatus[] = isResent ? ['sending', 'unknown', 'failed'] : ['failed'];
    const [noted] = await this.sql.write<NotedDelivery & Record<string, unknown>>(actor.organizationId, NOTE, [
      actor.organizationId,
      stepRunId,
      fence,
      idempotencyKey,
      newId(),
      endpointId,
      type,
      body,
      sentFrom,
      url,
    ]);
    if (!noted) throw unavailable('lease-lost', 'Somebody else does this step by now.');
    return noted;
  }

  /** Writes down what became of an attempt, with the event that tells it; once. */
  async settle(actor: Actor, { deliveryId, attempt }: AttemptPlace, outcome: TimedOutcome): Promise<void> {
    const { status, durationMs, responseStatus, responseBody, error } = outcome;
    const { organizationId } = actor;
    await this.unitOfWork.run(actor, async (unit) => {
      const [row] = await unit.em.execute<SettledRow[]>(SETTLE, [
        ...[status, durationMs, responseStatus, responseBody, error, organizationId, deliveryId, attempt],
        ...[status, status, status, status, organizationId, deliveryId],
      ]);
      if (!row) return;
      const { version, endpointId, type, executionId, stepRunId } = row;
      const payload = { endpointId, type, executionId, stepRunId, attempt, responseStatus };
      const event = { type: `workflows.webhook-${status}`, version: 1, payload };
      unit.record('webhook-delivery', { id: deliveryId, version }, event);
    });
  }
}
