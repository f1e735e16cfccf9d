import { expect } from '@jest/globals';
import type pg from 'pg';
import { AuditTrail } from './audit-trail.js';
import type { MailServer } from './mail-server.js';
import { ENTRY_POINT } from './steady-load.js';

/** What the tables say of leads, of what was decided about them and of what came of that. */
export interface Sums {
  readonly leads: number;
  readonly addresses: number;
  readonly toldOf: number;
  readonly decisions: number;
  readonly decidedAbout: number;
  readonly executions: number;
  readonly completed: number;
  readonly subjects: number;
  readonly mails: number;
  readonly delivered: number;
  readonly unknown: number;
  readonly putOff: number;
  readonly givenUp: number;
}

const SUMS = `select
  (select count(*)::int from leads) as leads,
  (select count(distinct folded_email)::int from leads) as addresses,
  (select count(distinct stream)::int from events where type = 'crm.lead-created') as "toldOf",
  (select count(*)::int from events where type = 'rules.executed' and subject_type = 'lead') as decisions,
  (select count(distinct subject_id)::int from events where type = 'rules.executed' and subject_type = 'lead')
    as "decidedAbout",
  (select count(*)::int from workflow_executions) as executions,
  (select count(*)::int from workflow_executions where status = 'completed') as completed,
  (select count(distinct subject_id)::int from workflow_executions) as subjects,
  (select count(*)::int from emails) as mails,
  (select count(*)::int from emails where status = 'delivered' and smtp_answer is not null) as delivered,
  (select count(*)::int from emails where status = 'unknown') as unknown,
  (select count(*)::int from reaction_failures) as "putOff",
  (select count(*)::int from events where type in ('audit.reaction-given-up', 'audit.chain-too-deep')) as "givenUp"`;

/** @param owner as superuser */
export const sumsOf = async (owner: pg.Pool): Promise<Sums> => (await owner.query<Sums>(SUMS)).rows[0]!;

/**
 * Expects every lead once, decided about once, with one finished workflow for each that is interested, and all of its
 * mails accounted for.
 */
export function expectComplete(sums: Sums, leads: number, interested: number): void {
  expect(sums).toEqual({
    leads,
    addresses: leads,
    toldOf: leads,
    decisions: leads,
    decidedAbout: leads,
    executions: interested,
    completed: interested,
    subjects: interested,
    mails: 2 * interested,
    delivered: 2 * interested - sums.unknown,
    unknown: sums.unknown,
    putOff: 0,
    givenUp: 0,
  });
}

/** Expects the server to have got each mail at most once, and every one that counts as delivered. */
export async function expectMailsOnce(owner: pg.Pool, mails: MailServer): Promise<void> {
  const received = mails.received.map(({ messageId }) => messageId);
  expect(new Set(received).size).toBe(received.length);
  const { rows } = await owner.query<{ messageId: string }>(
    `select '<' || message_id || '>' as "messageId" from emails where status = 'delivered'`,
  );
  const arrived = new Set(received);
  expect(rows.filter(({ messageId }) => !arrived.has(messageId))).toEqual([]);
}

/** Expects each answered decision to be recorded, once, and to be found by its rule. */
export async function expectRecorded(owner: pg.Pool, decided: readonly string[]): Promise<void> {
  expect(new Set(decided).size).toBe(decided.length);
  const { rows } = await owner.query<{ records: string; found: string }>(
    `select count(*) as records, count(m.event_id) as found
     from events e left join rule_matches m on m.event_id = e.id and m.occurred_at = e.occurred_at
     where e.id = any($1) and e.type = 'rules.executed'
       and convert_from(e.payload, 'UTF8')::jsonb ->> 'entryPoint' = $2`,
    [decided, ENTRY_POINT],
  );
  expect(rows).toEqual([{ records: String(decided.length), found: String(decided.length) }]);
}

/** Seals what is not sealed yet and expects the whole trail to be sound. To be called once nobody else seals. */
export async function expectSoundTrail(databaseUrl: string, organizationId: string): Promise<void> {
  const trail = await AuditTrail.open(databaseUrl);
  try {
    await trail.seal();
    expect(await trail.verify(organizationId)).toMatchObject({ ok: true, faults: 0, unsealed: 0, findings: [] });
  } finally {
    await trail.close();
  }
}
