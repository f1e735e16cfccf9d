/**
 * Appends events from a JSON array of rows as `eventRow` makes them, each with its `leafHash` in hexadecimal. To stand
 * in a statement as `with … as (${appendEvents('$1::jsonb')})`; `from` names further tables that must have a row.
 */
export const appendEvents = (json: string, from = ''): string => `
  insert into events (epoch, id, occurred_at, organization_id, stream, stream_version, ordinal, type, version,
    subject_type, subject_id, actor_type, actor_id, correlation_id, causation_id, depth, published, payload, leaf_hash)
  select "epoch", event."id", "occurredAt", "organizationId", "stream", "streamVersion", "ordinal", "type", "version",
    "subjectType", "subjectId", "actorType", "actorId", "correlationId", "causationId", "depth", "published",
    convert_to("payload", 'UTF8'), decode("leafHash", 'hex')
  from ${from} jsonb_to_recordset(${json}) as event("epoch" smallint, "id" uuid, "occurredAt" timestamptz,
    "organizationId" uuid, "stream" text, "streamVersion" integer, "ordinal" smallint, "type" text, "version" smallint,
    "subjectType" text, "subjectId" uuid, "actorType" text, "actorId" uuid, "correlationId" text, "causationId" uuid,
    "depth" smallint, "published" boolean, "payload" text, "leafHash" text)`;

/**
 * Wakes the relay when `condition` holds, as a column of a statement. NOTIFY takes a lock of the whole database until
 * commit, so only one transaction at a time does it; the wake-up may thus be skipped, and the relay polls behind it.
 */
export const wakeRelay = (condition: string): string => `
  case when ${condition} and pg_try_advisory_xact_lock(hashtextextended('wake-relay', 0))
    then pg_notify('events', '') end`;
