/** What others may use of the CRM. */
export { CreateLead, type NewLead } from './leads/commands/create-lead.js';
export type { LeadView } from './leads/lead-view.js';
export { leadOfProspect, type ProspectRecord } from './leads/prospect-mapping.js';
