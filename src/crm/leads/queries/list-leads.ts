import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { malformed } from '../../../kernel/domain-error.js';
import { listWindow, type Page, pageOf, type PageRequest } from '../../../kernel/page.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import { LEAD_COLUMNS, type LeadView } from '../lead-view.js';

/** What a list of leads may be sorted by. */
export const leadSorts = {
  createdAt: { column: 'created_at', type: 'timestamptz', keyOf: (lead: LeadView) => lead.createdAt.toISOString() },
  score: { column: 'score', type: 'smallint', keyOf: (lead: LeadView) => lead.score },
  'company.name': { column: 'company_name', type: 'text', keyOf: (lead: LeadView) => lead.company.name },
} as const;

export type LeadSort = keyof typeof leadSorts;

/** Which leads to list; what is absent does not restrict. */
export interface LeadFilter {
  readonly status?: string;
  readonly source?: string;
  readonly assigneeId?: string;
  /** Inclusive. */
  readonly minScore?: number;
  /** Inclusive. */
  readonly maxScore?: number;
  /** ISO 8601, inclusive. */
  readonly createdFrom?: string;
  /** ISO 8601, exclusive. */
  readonly createdTo?: string;
  /** Part of the company's name, the contact's name or e-mail, without case. */
  readonly search?: string;
}

export interface LeadListing extends LeadFilter, PageRequest {
  readonly sort: LeadSort;
  readonly order: 'asc' | 'desc';
}

export class ListLeads extends Query<Page<LeadView>> {
  constructor(
    readonly actor: Actor,
    readonly listing: LeadListing,
  ) {
    super();
  }
}

/** A search looks at the newest so many leads that match. */
const SEARCHED_LEADS = 10_000;

const conditions: Readonly<Record<keyof LeadFilter, (parameter: string) => string>> = {
  status: (parameter) => `status = ${parameter}`,
  source: (parameter) => `source = ${parameter}`,
  assigneeId: (parameter) => `assignee_id = ${parameter}`,
  minScore: (parameter) => `score >= ${parameter}`,
  maxScore: (parameter) => `score <= ${parameter}`,
  createdFrom: (parameter) => `created_at >= ${parameter}`,
  createdTo: (parameter) => `created_at < ${parameter}`,
  search: (parameter) => `id in (select search.find_leads(${parameter}, ${SEARCHED_LEADS}))`,
};

@QueryHandler(ListLeads)
export class ListLeadsHandler implements IQueryHandler<ListLeads> {
  constructor(private readonly sql: Sql) {}

  /** @throws malformed `bad-cursor` */
  async execute({ actor, listing }: ListLeads): Promise<Page<LeadView>> {
    const { sort, order } = listing;
    const { take, skip, after } = listWindow(listing, 4);
    if (listing.cursor !== undefined && (after[0] !== sort || after[1] !== order)) throw otherOrder();
    const { where, values } = restrict(listing);
    const { column, type, keyOf } = leadSorts[sort];
    const [value, id] = [`$${values.length + 1}::${type}`, `$${values.length + 2}::uuid`];
    const rows = await this.sql.read<LeadView & Record<string, unknown>>(
      actor.organizationId,
      `select ${LEAD_COLUMNS} from leads
       where ${where} and (${id} is null or (${column}, id) ${order === 'asc' ? '>' : '<'} (${value}, ${id}))
       order by ${column} ${order}, id ${order} limit ${take} offset ${skip}`,
      [...values, ...after.slice(2)],
    );
    const total = listing.cursor === undefined ? await this.count(actor, where, values) : 0;
    return pageOf<LeadView>(rows, listing, total, (lead) => [sort, order, keyOf(lead), lead.id]);
  }

  private async count(actor: Actor, where: string, values: readonly unknown[]): Promise<number> {
    const statement = `select count(*)::int as total from leads where ${where}`;
    const [row] = await this.sql.read<{ total: number }>(actor.organizationId, statement, values);
    return row!.total;
  }
}

function restrict(filter: LeadFilter): { where: string; values: unknown[] } {
  const values: unknown[] = [];
  const parts = ['deleted_at is null'];
  for (const name of Object.keys(conditions) as (keyof LeadFilter)[]) {
    const value = filter[name];
    if (value === undefined) continue;
    values.push(name === 'search' ? containing(String(value)) : value);
    parts.push(conditions[name](`$${values.length}`));
  }
  return { where: parts.join(' and '), values };
}

const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

const otherOrder = (): Error =>
  malformed('bad-cursor', 'The cursor belongs to a list in another order; start again without it.', {
    parameter: 'cursor',
  });
