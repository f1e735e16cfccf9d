import { DomainError } from '../../kernel/domain-error.js';
import { newId } from '../../kernel/id.js';
import type { DomainEvent } from '../../kernel/domain-event.js';
import type { JsonValue } from '../../kernel/json.js';
import { unknownAssignee } from '../leads/assignees.js';
import type { Candidate } from '../leads/duplicates.js';
import { Lead } from '../leads/lead.js';
import { newLeadOf } from '../leads/lead-input.js';
import type { ImportRow } from './import-row.js';
import { leadBodyOf } from './row-form.js';

/** A row whose lead can be created, unless it is known already. */
export interface CheckedRow {
  readonly row: ImportRow;
  readonly lead: Lead;
  readonly events: readonly DomainEvent[];
}

/** A row of which no lead became. */
export interface Rejection {
  readonly line: number;
  readonly content: JsonValue;
  readonly outcome: 'duplicate' | 'rejected';
  readonly reason: string;
  readonly duplicateOf?: string;
}

/** For whom rows are checked. */
export interface ImportOwner {
  readonly organizationId: string;
  readonly userId: string;
  readonly members: ReadonlySet<string>;
}

/** Checks rows as if each were sent to `POST /leads`. */
export function checkRows(
  rows: readonly ImportRow[],
  owner: ImportOwner,
): { checked: CheckedRow[]; rejections: Rejection[] } {
  const checked: CheckedRow[] = [];
  const rejections: Rejection[] = [];
  for (const row of rows) {
    try {
      checked.push(check(row, owner));
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const { line, content } = row;
      rejections.push({ line, content, outcome: 'rejected', reason: reasonOf(error) });
    }
  }
  return { checked, rejections };
}

function check(row: ImportRow, { organizationId, userId, members }: ImportOwner): CheckedRow {
  if (row.fault !== undefined) throw new DomainError('malformed', 'unreadable-row', row.fault);
  const details = newLeadOf(leadBodyOf(row.content));
  if (details.assigneeId !== null && !members.has(details.assigneeId)) throw unknownAssignee(details.assigneeId);
  const now = new Date();
  return { row, ...Lead.create({ id: newId(now), organizationId }, details, { userId, now }) };
}

/** One line for a person: every fault with its place. */
function reasonOf({ message, details }: DomainError): string {
  const { violations = [] } = details;
  if (violations.length === 0) return message;
  return violations.map(({ pointer, message: fault }) => `${pointer.slice(2)}: ${fault}`).join('; ');
}

/** What a checked row is compared by; its line is its place. */
export const candidateOf = ({ row, lead }: CheckedRow): Candidate => ({
  place: row.line,
  foldedEmail: lead.foldedEmail,
  phoneE164: lead.phoneE164,
  websiteDomain: lead.websiteDomain,
  companyName: lead.company.name,
});
