import type { EntityManager } from '@mikro-orm/postgresql';
import { conflict, notFound } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';
import type { Workflow } from '../definitions/workflow.js';

/** What a new or rotated webhook is stored with. */
export interface WebhookCredentials {
  /** Id of the webhook when it is a new one; a token names it. */
  readonly id: string;
  readonly tokenHash: Buffer;
  /** The secret, encrypted. */
  readonly secret: JsonObject;
}

/** A webhook's id and the number of its present token and secret. */
export interface StoredWebhook {
  readonly id: string;
  readonly version: number;
}

/** Stores the first credentials of a workflow's webhook, or replaces those it had, its id too. */
export async function putWebhook(
  em: EntityManager,
  workflow: Workflow,
  { id, tokenHash, secret }: WebhookCredentials,
  { userId, now }: { readonly userId: string; readonly now: Date },
): Promise<StoredWebhook> {
  const [row] = await em.execute<StoredWebhook[]>(
    `insert into workflow_webhooks (organization_id, id, workflow_id, token_hash, secret, created_at, created_by)
     values (?, ?, ?, decode(?, 'hex'), ?::jsonb, ?, ?)
     on conflict (organization_id, workflow_id) do update set id = excluded.id, token_hash = excluded.token_hash,
       secret = excluded.secret, rotated_at = excluded.created_at, version = workflow_webhooks.version + 1
     returning id, version`,
    [workflow.organizationId, id, workflow.id, tokenHash.toString('hex'), JSON.stringify(secret), now, userId],
  );
  return row!;
}

/** Removes the webhook of a workflow. @throws not-found when there is none */
export async function deleteWebhook(em: EntityManager, { organizationId, id }: Workflow): Promise<StoredWebhook> {
  const [row] = await em.execute<StoredWebhook[]>(
    'delete from workflow_webhooks where organization_id = ? and workflow_id = ? returning id, version',
    [organizationId, id],
  );
  if (!row) throw notFound('The webhook of workflow', id);
  return row;
}

/** How long a message id is remembered: longer than any sender goes on trying. */
const KEPT_FOR = '7 days';

/** Takes a message for good; a twin at the same moment is waited for. @throws conflict `webhook-replayed` */
export async function takeMessage(em: EntityManager, workflow: Workflow, messageId: string): Promise<void> {
  const place = [workflow.organizationId, workflow.id, messageId];
  const taken = await em.execute<object[]>(
    `insert into workflow_webhook_receipts (organization_id, workflow_id, message_id, expires_at)
     values (?, ?, ?, now() + interval '${KEPT_FOR}') on conflict do nothing returning message_id`,
    place,
  );
  if (taken.length > 0) return;
  const [before] = await em.execute<{ executionId: string }[]>(
    `select execution_id as "executionId" from workflow_webhook_receipts
     where organization_id = ? and workflow_id = ? and message_id = ?`,
    place,
  );
  throw conflict('webhook-replayed', 'A message with this webhook-id was taken before; it starts nothing again.', {
    executionId: before?.executionId,
  });
}

/** Notes what a message has started. */
export async function noteStarted(
  em: EntityManager,
  { organizationId, id }: Workflow,
  messageId: string,
  executionId: string,
): Promise<void> {
  await em.execute(
    `update workflow_webhook_receipts set execution_id = ?
     where organization_id = ? and workflow_id = ? and message_id = ?`,
    [executionId, organizationId, id, messageId],
  );
}
