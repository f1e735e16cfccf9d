import { invalid, notFound, stale } from '../../kernel/domain-error.js';
import type { DomainEvent } from '../../kernel/domain-event.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { mutable } from '../../platform/database/mapping.js';
import { changedFields } from './changed-fields.js';
import { leadEvent } from './lead.events.js';
import type { Company, Contact, LeadChanges, LeadDetails, LeadSource } from './lead-details.js';
import { assertTransition, type LeadStatus } from './lead-status.js';
import { foldEmail, type MatchKeys, phoneE164, websiteDomain } from './match-keys.js';

/** Somebody who may become a customer. */
export class Lead implements LeadDetails, MatchKeys {
  readonly id!: string;
  readonly organizationId!: string;
  readonly version!: number;
  readonly source!: LeadSource;
  readonly sourceDetail!: string | null;
  readonly status!: LeadStatus;
  /** 0 to 100. */
  readonly score!: number;
  readonly company!: Company;
  readonly contact!: Contact;
  readonly requirements!: JsonObject | null;
  /** The member of the organization who looks after it. */
  readonly assigneeId!: string | null;
  readonly foldedEmail!: string;
  readonly phoneE164!: string | null;
  readonly websiteDomain!: string | null;
  readonly createdAt!: Date;
  readonly createdBy!: string;
  readonly updatedAt!: Date;
  readonly deletedAt!: Date | null;

  private constructor() {}

  /** @throws invalid `invalid-website` or `invalid-score` */
  static create(
    place: { id: string; organizationId: string },
    details: LeadDetails & { readonly score: number; readonly assigneeId: string | null },
    by: { userId: string; now: Date },
  ): { lead: Lead; events: DomainEvent[] } {
    assertScore(details.score);
    const lead = new Lead();
    Object.assign(mutable(lead), place, details, keysOf(details), {
      status: 'new',
      createdAt: by.now,
      createdBy: by.userId,
      updatedAt: by.now,
      deletedAt: null,
    });
    const { source, company, score } = details;
    return { lead, events: [leadEvent('created', { source, company: { ...company }, score })] };
  }

  /**
   * Takes over what differs, or nothing when it throws.
   * @throws stale when `expectedVersion` is not the present one, conflict for a move that the status does not allow
   */
  change(changes: LeadChanges, now: Date, expectedVersion?: number): DomainEvent[] {
    this.assertPresent();
    this.assertVersion(expectedVersion);
    const { score, status, assigneeId, ...details } = changes;
    if (score !== undefined) assertScore(score);
    if (status !== undefined && status !== this.status) assertTransition(this.status, status);
    const events = [
      ...this.describe(details),
      ...(score === undefined ? [] : this.rate(score)),
      ...(assigneeId === undefined ? [] : this.assign(assigneeId)),
      ...(status === undefined ? [] : this.moveTo(status)),
    ];
    if (events.length > 0) mutable<Lead>(this).updatedAt = now;
    return events;
  }

  /** Takes over what rules decided, by path: `lead.score`, `lead.assigneeId`, `status`. @throws invalid, conflict */
  changeFields(fields: Readonly<Record<string, JsonValue>>, now: Date): DomainEvent[] {
    const changes: Record<string, JsonValue> = {};
    for (const [path, value] of Object.entries(fields)) changes[path.replace(/^lead\./, '')] = value;
    const { score, assigneeId, status, ...others } = changes;
    const [unknown] = Object.keys(others);
    if (unknown !== undefined) throw invalid('field-not-writable', `Rules cannot change the lead's ${unknown}.`);
    return this.change(
      {
        ...(score !== undefined && { score: score as number }),
        ...(assigneeId !== undefined && { assigneeId: assigneeId as string | null }),
        ...(status !== undefined && { status: status as string }),
      },
      now,
    );
  }

  /** Takes the lead out of the lists. */
  delete(now: Date, expectedVersion?: number): DomainEvent[] {
    this.assertPresent();
    this.assertVersion(expectedVersion);
    mutable<Lead>(this).deletedAt = now;
    return [leadEvent('deleted')];
  }

  private describe({
    company,
    contact,
    ...others
  }: Omit<LeadChanges, 'score' | 'status' | 'assigneeId'>): DomainEvent[] {
    const { source, sourceDetail, requirements } = this;
    const before: LeadDetails = { source, sourceDetail, requirements, company: this.company, contact: this.contact };
    const after: LeadDetails = {
      ...before,
      ...others,
      company: { ...before.company, ...company },
      contact: { ...before.contact, ...contact },
    };
    const fields = changedFields(before, after);
    if (fields.length === 0) return [];
    Object.assign(mutable<Lead>(this), after, keysOf(after));
    return [leadEvent('changed', { fields })];
  }

  private rate(score: number): DomainEvent[] {
    if (score === this.score) return [];
    const from = this.score;
    mutable<Lead>(this).score = score;
    return [leadEvent('scored', { from, to: score })];
  }

  private assign(assigneeId: string | null): DomainEvent[] {
    if (assigneeId === this.assigneeId) return [];
    const from = this.assigneeId;
    mutable<Lead>(this).assigneeId = assigneeId;
    return [leadEvent('assigned', { from, to: assigneeId })];
  }

  private moveTo(status: string): DomainEvent[] {
    if (status === this.status) return [];
    const from = this.status;
    assertTransition(from, status);
    mutable<Lead>(this).status = status;
    return [leadEvent('status-changed', { from, to: status })];
  }

  private assertPresent(): void {
    if (this.deletedAt !== null) throw notFound('Lead', this.id);
  }

  private assertVersion(expectedVersion: number | undefined): void {
    if (expectedVersion === undefined || expectedVersion === this.version) return;
    throw stale(
      `The lead is at version ${this.version}, not ${expectedVersion}; read it again and repeat your change.`,
      { currentVersion: this.version },
    );
  }
}

function assertScore(score: number): void {
  if (Number.isInteger(score) && score >= 0 && score <= 100) return;
  throw invalid('invalid-score', `A score is a whole number from 0 to 100, not ${JSON.stringify(score)}.`, {
    violations: [{ pointer: '#/score', message: 'must be a whole number from 0 to 100' }],
  });
}

function keysOf({ company, contact }: Pick<LeadDetails, 'company' | 'contact'>): MatchKeys {
  const domain = company.website === null ? null : websiteDomain(company.website);
  if (company.website !== null && domain === null) {
    throw invalid('invalid-website', 'The website is no address of the web, such as https://bistro.example.', {
      violations: [{ pointer: '#/company/website', message: 'must be an address of the web' }],
    });
  }
  return {
    foldedEmail: foldEmail(contact.email),
    phoneE164: contact.phone === null ? null : phoneE164(contact.phone),
    websiteDomain: domain,
  };
}
