import type { JsonObject } from '../../kernel/json.js';
import type { NewLead } from './commands/create-lead.js';
import type { Company, Contact, LeadChanges } from './lead-details.js';
import type { ChangeLeadBody, CompanyBody, ContactBody, CreateLeadBody } from './leads.dto.js';

const amount = (value: string | number | null | undefined): number | null =>
  value === null || value === undefined ? null : Number(value);

/** A checked body as the details of a lead, with null for what is absent. */
export const newLeadOf = (body: CreateLeadBody): NewLead => ({
  source: body.source,
  sourceDetail: body.sourceDetail ?? null,
  company: companyOf(body.company),
  contact: contactOf(body.contact),
  requirements: (body.requirements ?? null) as JsonObject | null,
  score: body.score ?? 0,
  assigneeId: body.assigneeId ?? null,
});

const companyOf = ({ name, industry, size, website, annualRevenue }: CompanyBody): Company => ({
  name,
  industry: industry ?? null,
  size: size ?? null,
  website: website === '' ? null : (website ?? null),
  annualRevenue: amount(annualRevenue),
});

const contactOf = ({ firstName, lastName, title, email, phone }: ContactBody): Contact => ({
  firstName,
  lastName,
  title: title ?? null,
  email,
  phone: phone ?? null,
});

/** A checked body as changes of a lead. */
export function leadChangesOf({ company, contact, requirements, ...body }: ChangeLeadBody): LeadChanges {
  return {
    ...body,
    ...(company && { company: companyChangesOf(company) }),
    ...(contact && { contact: { ...contact } }),
    ...(requirements !== undefined && { requirements: requirements as JsonObject | null }),
  };
}

function companyChangesOf({ annualRevenue, ...company }: NonNullable<ChangeLeadBody['company']>): Partial<Company> {
  return {
    ...company,
    ...(company.website === '' && { website: null }),
    ...(annualRevenue !== undefined && { annualRevenue: amount(annualRevenue) }),
  };
}
