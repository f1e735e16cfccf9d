import type { EntityManager } from '@mikro-orm/postgresql';
import type { Lead } from './lead.js';

/** The version of a lead that was just inserted. */
export const FIRST_VERSION = 1;

/** Inserts many new leads by one statement, at a quarter of what the mapping takes. */
export async function insertLeads(em: EntityManager, leads: readonly Lead[]): Promise<void> {
  if (leads.length === 0) return;
  await em.execute(
    `insert into leads (organization_id, id, source, source_detail, status, score, company_name, company_industry,
       company_size, company_website, company_annual_revenue, contact_first_name, contact_last_name, contact_title,
       contact_email, contact_phone, requirements, assignee_id, folded_email, phone_e164, website_domain,
       created_at, created_by, updated_at)
     select "organizationId", id, source, "sourceDetail", status, score, company ->> 'name', company ->> 'industry',
       company ->> 'size', company ->> 'website', (company ->> 'annualRevenue')::numeric, contact ->> 'firstName',
       contact ->> 'lastName', contact ->> 'title', contact ->> 'email', contact ->> 'phone', requirements,
       "assigneeId", "foldedEmail", "phoneE164", "websiteDomain", "createdAt", "createdBy", "updatedAt"
     from json_to_recordset(?::json) as lead("organizationId" uuid, id uuid, source text, "sourceDetail" text,
       status text, score smallint, company json, contact json, requirements jsonb, "assigneeId" uuid,
       "foldedEmail" text, "phoneE164" text, "websiteDomain" text, "createdAt" timestamptz, "createdBy" uuid,
       "updatedAt" timestamptz)`,
    [JSON.stringify(leads.map(rowOf))],
  );
}

/** The state alone; the mapping adds members of its own to what it knows. */
const rowOf = (lead: Lead): object => ({
  organizationId: lead.organizationId,
  id: lead.id,
  source: lead.source,
  sourceDetail: lead.sourceDetail,
  status: lead.status,
  score: lead.score,
  company: { ...lead.company },
  contact: { ...lead.contact },
  requirements: lead.requirements,
  assigneeId: lead.assigneeId,
  foldedEmail: lead.foldedEmail,
  phoneE164: lead.phoneE164,
  websiteDomain: lead.websiteDomain,
  createdAt: lead.createdAt,
  createdBy: lead.createdBy,
  updatedAt: lead.updatedAt,
});
