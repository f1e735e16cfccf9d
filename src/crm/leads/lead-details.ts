import type { JsonObject } from '../../kernel/json.js';

/** How a lead came in. */
export const leadSources = [
  'website',
  'referral',
  'trade_show',
  'cold_call',
  'email',
  'social',
  'partner',
  'import',
  'api',
] as const;

export type LeadSource = (typeof leadSources)[number];

export const companySizes = ['small', 'medium', 'large', 'enterprise'] as const;

export type CompanySize = (typeof companySizes)[number];

export interface Company {
  readonly name: string;
  readonly industry: string | null;
  readonly size: CompanySize | null;
  readonly website: string | null;
  /** Per year, at most 2 decimals and 13 digits before them. */
  readonly annualRevenue: number | null;
}

export interface Contact {
  readonly firstName: string;
  readonly lastName: string;
  readonly title: string | null;
  readonly email: string;
  readonly phone: string | null;
}

/** What people and imports say about a lead. */
export interface LeadDetails {
  readonly source: LeadSource;
  /** At most 100 characters. */
  readonly sourceDetail: string | null;
  readonly company: Company;
  readonly contact: Contact;
  readonly requirements: JsonObject | null;
}

/** Changes of a lead; what is absent stays. */
export interface LeadChanges extends Partial<Omit<LeadDetails, 'company' | 'contact'>> {
  readonly company?: Partial<Company>;
  readonly contact?: Partial<Contact>;
  readonly score?: number;
  readonly status?: string;
  readonly assigneeId?: string | null;
}
