import { readFileSync } from 'node:fs';
import type { JsonObject } from '../kernel/json.js';
import type { AuthoredTemplate } from '../workflows/workflows.contract.js';

/** The body of `POST /workflows` for the nurture workflow: a mail, two days, another mail. Started with `{lead}`. */
export const nurtureWorkflow = JSON.parse(
  readFileSync(new URL('./nurture-workflow.json', import.meta.url), 'utf8'),
) as JsonObject;

/** The mails of the nurture workflow. */
export const nurtureTemplates: readonly AuthoredTemplate[] = [
  {
    name: 'welcome_lead',
    subject: 'Welcome, {{ lead.contact.firstName | default: "and good to meet you" }}',
    body: [
      'Hello {{ lead.contact.firstName | default: "there" }},',
      '',
      'thank you for your interest{% if lead.company.name %} on behalf of **{{ lead.company.name }}**{% endif %}.',
      'We supply kitchens and restaurants, and would like to know what you need:',
      '',
      '- what you cook, and for how many',
      '- what your kitchen has, and what it lacks',
      '',
      'Just answer this mail.',
    ].join('\n'),
  },
  {
    name: 'followup_lead',
    subject: 'Any questions, {{ lead.contact.firstName | default: "still" }}?',
    body: [
      'Hello {{ lead.contact.firstName | default: "there" }},',
      '',
      'two days ago we wrote to you{% if lead.company.name %} about **{{ lead.company.name }}**{% endif %}.',
      'Is there anything that we can show you or calculate for you?',
    ].join('\n'),
  },
];
