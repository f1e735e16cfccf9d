import type { JsonObject } from '../kernel/json.js';
import type { EntryPoint } from '../rules/rules.contract.js';
import { companySizes, leadSources } from './leads/lead-details.js';
import { leadStatuses } from './leads/lead-status.js';
import { loadLeadSubjects } from './leads/lead-subjects.js';

const text = { type: 'string' };
const textOrNull = { type: ['string', 'null'] };
const closed = (properties: JsonObject): JsonObject => ({ type: 'object', properties, additionalProperties: false });

/** A lead as rules see it. A decision about a stored lead gets all of it; who only tries a rule may send a part. */
const leadSchema = closed({
  id: text,
  source: { enum: leadSources, type: 'string' },
  sourceDetail: textOrNull,
  status: { enum: leadStatuses, type: 'string' },
  score: { type: 'integer', minimum: 0, maximum: 100 },
  company: closed({
    name: text,
    industry: textOrNull,
    size: { enum: [...companySizes, null], type: ['string', 'null'] },
    website: textOrNull,
    annualRevenue: { type: ['number', 'null'], minimum: 0 },
  }),
  contact: closed({ firstName: text, lastName: text, title: textOrNull, email: text, phone: textOrNull }),
  requirements: { type: ['object', 'null'] },
  assigneeId: textOrNull,
  createdAt: { type: 'string', format: 'date-time' },
});

/** A lead came in: scoring, assignment, tasks, workflows. */
export const leadCreated: EntryPoint & Required<Pick<EntryPoint, 'owner'>> = {
  name: 'crm.lead.created',
  description: 'A lead came in. Rules score it, assign it, create tasks and start workflows.',
  entity: 'lead',
  schema: { type: 'object', properties: { lead: leadSchema }, required: ['lead'] },
  writableFields: ['lead.score', 'lead.assigneeId', 'status'],
  failurePolicy: 'fail_open',
  personalPaths: ['lead.contact.firstName', 'lead.contact.lastName', 'lead.contact.email', 'lead.contact.phone'],
  owner: { subjectType: 'lead', load: loadLeadSubjects },
};
