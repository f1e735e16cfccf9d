import type { EntityManager } from '@mikro-orm/postgresql';
import { conflict, invalid } from '../kernel/domain-error.js';
import type { Actor } from '../platform/http/actor.js';

const KEPT_FOR = '24 hours';

interface StoredRequest {
  route: string;
  is_same_request: boolean;
  body: unknown;
  address: string | null;
}

/**
 * Takes the request's idempotency key for this transaction. A twin that runs at the same time is waited for.
 * @returns the stored answer when the request was answered before, undefined when it is to be carried out
 */
export async function answerBefore(em: EntityManager, actor: Actor): Promise<{ body: unknown } | undefined> {
  const request = actor.idempotency;
  if (!request) return undefined;
  const hash = request.requestHash.toString('hex');
  const claimed = await em.execute<unknown[]>(
    `insert into idempotency_keys (organization_id, actor_id, key, route, request_hash, expires_at)
     values (?, ?, ?, ?, decode(?, 'hex'), now() + interval '${KEPT_FOR}')
     on conflict (organization_id, actor_id, key) do update
       set route = excluded.route, request_hash = excluded.request_hash, expires_at = excluded.expires_at,
           body = null, address = null
       where idempotency_keys.expires_at < now()
     returning key`,
    [actor.organizationId, actor.id, request.key, request.route, hash],
  );
  if (claimed.length > 0) return undefined;
  const [stored] = await em.execute<StoredRequest[]>(
    `select route, request_hash = decode(?, 'hex') as is_same_request, body, address
     from idempotency_keys where organization_id = ? and actor_id = ? and key = ?`,
    [hash, actor.organizationId, actor.id, request.key],
  );
  return { body: sameAnswer(stored!, request.route) };
}

function sameAnswer(stored: StoredRequest, route: string): unknown {
  if (!stored.is_same_request || stored.route !== route) {
    throw invalid(
      'idempotency-key-reused',
      'This Idempotency-Key was sent with another request before; make a new key for a new request.',
    );
  }
  if (stored.address !== null) {
    throw conflict(
      'already-done',
      'This request was carried out before; its answer held a secret and is not repeated.',
      {
        address: stored.address,
      },
    );
  }
  return stored.body;
}

/** Keeps the answer beside the key, in the transaction that did the work. */
export async function storeAnswer(
  em: EntityManager,
  actor: Actor,
  answer: unknown,
  secretAnswerAddress: string | undefined,
): Promise<void> {
  if (!actor.idempotency) return;
  const body = secretAnswerAddress === undefined ? JSON.stringify(answer ?? null) : null;
  await em.execute(
    `update idempotency_keys set body = ?::jsonb, address = ? where organization_id = ? and actor_id = ? and key = ?`,
    [body, secretAnswerAddress ?? null, actor.organizationId, actor.id, actor.idempotency.key],
  );
}
