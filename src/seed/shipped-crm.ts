import type { JsonObject, JsonValue } from '../kernel/json.js';
import type { AuthoredRule } from '../rules/rules.contract.js';
import type { AuthoredTemplate } from '../workflows/workflows.contract.js';

/** Where the shipped rules belong. */
export const LEAD_CREATED = 'crm.lead.created';

/** Name of the shipped workflow, by which the shipped rule starts it. */
export const WELCOME = 'Welcome';

const SENIOR_PRIORITY = 100;
const ENOUGH_REVENUE = 1_000_000;
const ENGAGED_SECONDS = 1200;

/** Who looks after new leads. */
export interface SalesTeam {
  /** User id of whoever gets the large customers. */
  readonly senior: string;
  /** User id of whoever gets all others. */
  readonly representative: string;
}

/** The mails of the welcome workflow. */
export const welcomeTemplates: readonly AuthoredTemplate[] = [
  {
    name: 'welcome',
    subject: 'Welcome, {{firstName}}',
    text: [
      'Hello {{firstName}},',
      '',
      'thank you for your interest. We supply kitchens and restaurants, and would like to know what {{company}} needs.',
      'Just answer this mail.',
    ].join('\n'),
  },
  {
    name: 'welcome-follow-up',
    subject: 'Any questions, {{firstName}}?',
    text: [
      'Hello {{firstName}},',
      '',
      'a while ago we wrote to you about {{company}}. Is there anything that we can show you or calculate for you?',
    ].join('\n'),
  },
];

/**
 * The body of `POST /workflows` for the welcome workflow: a mail, a pause, another mail.
 * @param pause ISO 8601 duration or number of days
 */
export function welcomeWorkflow(pause: string | number): JsonObject {
  const text = (name: string): JsonObject => ({ name, type: 'string', required: true });
  const mail = (template: string): JsonObject => ({
    action: 'send_email',
    parameters: { template, recipient: '{{email}}' },
  });
  return {
    name: WELCOME,
    description: 'Greets a lead who showed interest, and asks again after a while.',
    trigger: { type: 'manual' },
    variables: [text('email'), text('firstName'), text('company')],
    steps: [
      {
        id: 'welcome',
        name: 'Welcome mail',
        type: 'action',
        configuration: mail('welcome'),
        nextSteps: ['pause'],
      },
      { id: 'pause', name: 'Pause', type: 'delay', configuration: { duration: pause }, nextSteps: ['follow-up'] },
      { id: 'follow-up', name: 'Follow-up mail', type: 'action', configuration: mail('welcome-follow-up') },
    ],
  };
}

/** The rules that score and assign new leads, and say what is to be done about them. */
export const leadRules = ({ senior, representative }: SalesTeam): readonly AuthoredRule[] => [
  rule('Enterprise to a senior representative', {
    description: 'Companies of the largest size are looked after by a senior representative, at once.',
    priority: SENIOR_PRIORITY,
    conditions: [{ field: 'lead.company.size', operator: 'equals', value: 'enterprise' }],
    actions: [
      score(25),
      assign(senior),
      task('Call {{lead.company.name}} within a day', { dueIn: 1, priority: 'high' }),
    ],
  }),
  rule('High value', {
    description: 'A revenue of a million a year or more promises large orders.',
    priority: 60,
    conditions: [{ field: 'lead.company.annualRevenue', operator: 'greater_or_equal', value: ENOUGH_REVENUE }],
    actions: [score(30)],
  }),
  rule('Restaurant chain', {
    description: 'Restaurants with several kitchens buy again and again.',
    priority: 50,
    conditions: [
      { field: 'lead.company.industry', operator: 'equals', value: 'restaurant' },
      { field: 'lead.company.size', operator: 'in', value: ['large', 'enterprise'] },
    ],
    actions: [score(20)],
  }),
  rule('Warm source', {
    description: 'Whoever was sent by a customer or a partner knows us already.',
    priority: 40,
    conditions: [{ field: 'lead.source', operator: 'in', value: ['referral', 'partner'] }],
    actions: [score(20)],
  }),
  rule('Cold source', {
    description: 'A lead that did not ask for us takes longer.',
    priority: 40,
    conditions: [{ field: 'lead.source', operator: 'in', value: ['cold_call', 'social'] }],
    actions: [score(-10)],
  }),
  rule('Missing phone', {
    description: 'A company of some size is worth finding its number.',
    priority: 30,
    conditions: [
      { field: 'lead.contact.phone', operator: 'is_empty' },
      { field: 'lead.company.size', operator: 'in', value: ['medium', 'large', 'enterprise'] },
    ],
    actions: [task('Find the phone number of {{lead.company.name}}', { dueIn: 2, priority: 'low' })],
  }),
  rule('Interested: send a welcome', {
    description: 'Twenty minutes on our pages, or a talk at a fair: write while the interest is fresh.',
    priority: 20,
    condition: {
      or: [
        { '>=': [{ var: 'lead.requirements.totalTimeSeconds' }, ENGAGED_SECONDS] },
        { '===': [{ var: 'lead.source' }, 'trade_show'] },
      ],
    },
    actions: [
      score(25),
      {
        type: 'trigger_workflow',
        parameters: {
          workflow: WELCOME,
          variables: {
            email: '{{lead.contact.email}}',
            firstName: '{{lead.contact.firstName}}',
            company: '{{lead.company.name}}',
          },
        },
      },
    ],
  }),
  rule('To the sales team', {
    description: 'Whoever is not given to somebody else goes to the representative.',
    priority: 0,
    conditions: [{ field: 'lead.status', operator: 'equals', value: 'new' }],
    actions: [score(10), assign(representative)],
  }),
];

type Action = AuthoredRule['actions'][number];

const score = (by: number): Action => ({
  type: 'adjust_field',
  parameters: { field: 'lead.score', by, min: 0, max: 100 },
});

const assign = (userId: string): Action => ({
  type: 'set_field',
  parameters: { field: 'lead.assigneeId', value: userId },
});

const task = (title: string, more: Readonly<Record<string, JsonValue>>): Action => ({
  type: 'create_task',
  parameters: { title, ...more },
});

const rule = (
  name: string,
  parts: Pick<AuthoredRule, 'description' | 'priority' | 'actions' | 'condition' | 'conditions'>,
): AuthoredRule => ({
  name,
  enabled: true,
  validFrom: null,
  validUntil: null,
  stopOnMatch: false,
  tags: ['leads'],
  metadata: { shipped: 'crm' },
  ...parts,
});
