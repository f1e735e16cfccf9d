import type { Lead } from './lead.js';
import type { LeadDetails } from './lead-details.js';
import type { LeadStatus } from './lead-status.js';

/** A lead as callers see it. */
export interface LeadView extends LeadDetails {
  readonly id: string;
  readonly version: number;
  readonly status: LeadStatus;
  readonly score: number;
  readonly assigneeId: string | null;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly updatedAt: Date;
}

/** The columns of `leads` in the shape of the view. */
export const LEAD_COLUMNS = `id, version, source, source_detail as "sourceDetail", status, score,
  json_build_object('name', company_name, 'industry', company_industry, 'size', company_size,
    'website', company_website, 'annualRevenue', company_annual_revenue) as company,
  json_build_object('firstName', contact_first_name, 'lastName', contact_last_name, 'title', contact_title,
    'email', contact_email, 'phone', contact_phone) as contact,
  requirements, assignee_id as "assigneeId", created_at as "createdAt", created_by as "createdBy",
  updated_at as "updatedAt"`;

/** A lead that was just saved. */
export const leadViewOf = (lead: Lead): LeadView => ({
  id: lead.id,
  version: lead.version,
  source: lead.source,
  sourceDetail: lead.sourceDetail,
  status: lead.status,
  score: lead.score,
  company: { ...lead.company },
  contact: { ...lead.contact },
  requirements: lead.requirements,
  assigneeId: lead.assigneeId,
  createdAt: lead.createdAt,
  createdBy: lead.createdBy,
  updatedAt: lead.updatedAt,
});
