import type { EntityManager } from '@mikro-orm/postgresql';
import { conflict, type DomainError } from '../../kernel/domain-error.js';
import type { MatchKeys } from './match-keys.js';

/** A lead that is to come in, with what it is compared by. */
export interface Candidate extends MatchKeys {
  /** Tells the candidates of one call apart. */
  readonly place: number;
  readonly companyName: string;
}

/** A lead that is there already and is like a candidate. */
export interface DuplicateLead {
  readonly place: number;
  readonly id: string;
  /** First and last name of the contact. */
  readonly name: string;
}

/** The most duplicates that each way of comparing finds for one candidate. */
const AT_MOST = 5;

/**
 * Finds the leads of the organization with the same mailbox, the same phone number, or a similar company name
 * (trigram similarity of at least 0.85) on the same website.
 */
export function findDuplicates(em: EntityManager, candidates: readonly Candidate[]): Promise<DuplicateLead[]> {
  const withWebsite = candidates.filter(({ websiteDomain }) => websiteDomain !== null);
  const emails = candidates.map(({ foldedEmail }) => foldedEmail);
  const phones = candidates.flatMap(({ phoneE164 }) => phoneE164 ?? []);
  return em.execute<DuplicateLead[]>(
    // One look at the leads for all candidates: with statistics that lag behind an import, the planner takes any index
    // of the organization for as good, and a look for each candidate would be one at all leads.
    `with candidate as materialized (
       select * from jsonb_to_recordset(?::jsonb) as candidate(place integer, "foldedEmail" text, "phoneE164" text)
     ), same_email as materialized (
       select id, folded_email from leads where folded_email in (${marksFor(emails)}) and deleted_at is null
     ), same_phone as materialized (
       select id, phone_e164 from leads where phone_e164 in (${marksFor(phones)}) and deleted_at is null
     ), found as (
       select place, same.id from candidate cross join lateral (
         select id from same_email where folded_email = "foldedEmail" limit ${AT_MOST}) same
       union
       select place, same.id from candidate cross join lateral (
         select id from same_phone where phone_e164 = "phoneE164" limit ${AT_MOST}) same
       union
       select place, lead_id from search.find_similar_leads(?::jsonb, ${AT_MOST})
     )
     select found.place, lead.id, lead.contact_first_name || ' ' || lead.contact_last_name as name
     from found join leads lead on lead.id = found.id order by found.place, lead.created_at, lead.id`,
    [JSON.stringify(candidates), ...emails, ...phones, JSON.stringify(withWebsite)],
  );
}

const marksFor = (values: readonly string[]): string =>
  values.length === 0 ? 'null' : values.map(() => '?').join(', ');

/** The answer to a lead that is known already; `allowDuplicate=true` overrides it. */
export const duplicateLead = (duplicates: readonly DuplicateLead[]): DomainError =>
  conflict('duplicate-lead', 'Duplicate lead detected', {
    duplicates: duplicates.map(({ id, name }) => ({ id, name })),
  });

/**
 * Lets one of two leads wait that have a mailbox, a phone number or a website in common, until the other's transaction
 * ends; else neither would see the other. To be called before duplicates are looked for.
 */
export async function lockMatchKeys(em: EntityManager, organizationId: string, keys: MatchKeys): Promise<void> {
  await em.execute('select pg_advisory_xact_lock_shared(hashtextextended(?, 0))', [intakeLock(organizationId)]);
  const { foldedEmail, phoneE164, websiteDomain } = keys;
  const names = [`email:${foldedEmail}`, `phone:${phoneE164 ?? ''}`, `website:${websiteDomain ?? ''}`]
    .filter((name) => !name.endsWith(':'))
    .sort();
  for (const name of names) {
    await em.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`${organizationId} ${name}`]);
  }
}

/** Lets no other lead come in until the transaction ends: for many leads at once, instead of a lock for each key. */
export async function lockIntake(em: EntityManager, organizationId: string): Promise<void> {
  await em.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [intakeLock(organizationId)]);
}

const intakeLock = (organizationId: string): string => `lead-intake ${organizationId}`;
