import { newId } from '../../src/kernel/id.js';
import { DEMO_PASSWORD } from '../../src/seed/demo.js';
import { eventually } from './eventually.js';
import type { Operation } from './openapi-document.js';
import type { Answer, Body, Organization } from './openapi-organization.js';

export const ENTRY_POINT = 'guard.order.placed';

let made = 0;
const next = (): number => (made += 1);

/** What routes need that is named, not addressed; the same in each organization. To be called once for each. */
export async function prepare(organization: Organization): Promise<void> {
  await organization.takeSpareSession();
  await organization.post('/rules/entry-points', entryPoint(ENTRY_POINT));
  // The first secret of an organization makes the key that encrypts it.
  await organization.post('/webhook-endpoints', webhookEndpoint());
}

const entryPoint = (name: string) => ({
  name,
  schema: { type: 'object', properties: { order: { type: 'object' } } },
  writableFields: ['order.discount'],
  failurePolicy: 'fail_open',
});
const entryPointSettings = () => {
  const { name: _, ...settings } = entryPoint(ENTRY_POINT);
  return settings;
};

const functionDefinition = () => ({ parameters: ['total'], source: `return total + ${next()};` });
const customFunction = () => ({ ...functionDefinition(), name: `raised${next()}` });

const definition = () => ({
  name: `Rule ${next()}`,
  conditions: [{ field: 'order.total', operator: 'greater_than', value: 10 }],
  actions: [{ type: 'adjust_field', parameters: { field: 'order.discount', by: 1 } }],
});
const bundle = () => ({
  format: 'proviso-rules',
  formatVersion: 1,
  entryPoints: [entryPoint(`guard.order.made-${next()}`)],
  functions: [customFunction()],
  rules: [{ ...definition(), key: `guard-${made}`, entryPoint: ENTRY_POINT }],
});
let rollbacks = 0;
/** To the first version and the second in turns, so that no two following ones ask for the same. */
const rollback = () => ({ version: 1 + ((rollbacks += 1) % 2) });
const rule = () => ({ ...definition(), entryPoint: ENTRY_POINT });

const lead = () => ({
  source: 'website',
  company: { name: `Bistro ${next()}` },
  contact: { firstName: 'Ann', lastName: `Lee ${made}`, email: `ann.${made}@bistro.example` },
});

const workflow = () => ({
  name: `Waiting ${next()}`,
  trigger: { type: 'manual' },
  variables: [{ name: 'number', type: 'number', default: 0 }],
  steps: [{ id: 'wait', name: 'Wait', type: 'delay', configuration: { duration: 'P1D' } }],
});

const scheduled = () => ({ ...workflow(), trigger: { type: 'schedule', cron: '0 0 1 1 *' } });
const hooked = () => ({ ...workflow(), trigger: { type: 'webhook' } });
/** Its task waits for whoever may write workflows. */
const taskWorkflow = () => ({
  name: `Asking ${next()}`,
  trigger: { type: 'manual' },
  steps: [{ id: 'ask', name: 'Ask', type: 'human_task', configuration: { title: `Task ${made}`, role: 'owner' } }],
});
/** It fails at once, because nothing of it gives a duration. */
const failingWorkflow = () => ({
  ...workflow(),
  steps: [{ id: 'fail', name: 'Fail', type: 'delay', configuration: { duration: '{{variables.number}}x' } }],
});

const template = () => ({ name: `template_${next()}`, subject: 'Welcome', text: 'Hello' });
const markdownTemplate = () => ({ name: `template_${next()}`, subject: 'Welcome', body: '# Hello {{lead.name}}' });
const previewData = () => ({ data: { lead: { name: `Ann ${next()}` } } });
/** Its name leads nowhere, so nothing leaves this machine. */
const webhookEndpoint = () => ({ name: `hook-${next()}`, url: 'https://hooks.invalid/proviso' });
const invitation = () => ({ email: `invited.${next()}@example.com`, name: 'Dana Ito', roles: ['member'] });
const apiKey = () => ({
  name: `Key ${next()}`,
  permissions: ['leads:read'],
  expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
});
const leadRows = () => `${JSON.stringify(lead())}\n`;
const someoneIn = async (organization: Organization): Promise<string> =>
  (await organization.get<{ id: string }>('/auth/me')).id;
const leadIn = async (organization: Organization): Promise<string> => (await organization.post('/leads', lead())).id!;
const noBody = () => ({});

type MakeBody = (organization: Organization) => Body | Promise<Body>;

/** Valid bodies of each route that takes one; between them they hold every id that the schema knows. */
const bodies: Readonly<Record<string, readonly MakeBody[]>> = {
  'POST /api/v1/auth/login': [() => ({ email: 'member@demo.test', password: DEMO_PASSWORD })],
  'POST /api/v1/auth/refresh': [() => ({ refreshToken: 'prr_unknown' })],
  'POST /api/v1/auth/invitations/accept': [() => ({ token: 'pri_unknown', password: 'correct horse battery' })],
  'POST /api/v1/users': [invitation],
  'PUT /api/v1/users/{id}/roles': [() => ({ roles: ['member', 'auditor'] })],
  'POST /api/v1/api-keys': [apiKey],
  'PATCH /api/v1/organizations/current': [() => ({ name: `Kitchens ${next()}` })],
  'POST /api/v1/rules/entry-points': [() => entryPoint(`guard.order.made-${next()}`)],
  'PUT /api/v1/rules/entry-points/{name}': [entryPointSettings],
  'POST /api/v1/rules/functions': [customFunction],
  'PUT /api/v1/rules/functions/{name}': [functionDefinition],
  'POST /api/v1/rules/functions/{name}/test': [() => ({ args: [next()] })],
  'POST /api/v1/business-rules': [rule],
  'PUT /api/v1/business-rules/{id}': [definition],
  'POST /api/v1/business-rules/{id}/rollback': [rollback],
  'POST /api/v1/business-rules/import': [() => ({ bundle: bundle() })],
  'POST /api/v1/business-rules/{id}/test': [() => ({ order: { total: next() } })],
  'POST /api/v1/business-rules/{id}/backtest': [
    () => ({ from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z', segmentPath: `order.part_${next()}` }),
  ],
  'POST /api/v1/rules/engine/execute': [
    () => ({ entryPoint: ENTRY_POINT, context: { order: { total: next() } } }),
    async (organization) => {
      const subject = { type: 'lead', id: await leadIn(organization) };
      return { entryPoint: 'crm.lead.created', context: { lead: {} }, subject };
    },
    async (organization) => ({ entity: 'lead', data: { lead: {} }, entityId: await leadIn(organization) }),
  ],
  'POST /api/v1/rules/engine/execute-batch': [
    () => ({ entryPoint: ENTRY_POINT, contexts: [{ context: { order: {} } }, { context: { order: { total: 1 } } }] }),
    async (organization) => {
      const subject = { type: 'lead', id: await leadIn(organization) };
      return { entryPoint: 'crm.lead.created', contexts: [{ context: { lead: {} }, subject }] };
    },
  ],
  'POST /api/v1/rules/engine/evaluate': [() => ({ logic: { '+': [{ var: 'a' }, next()] }, data: { a: 1 } })],
  'POST /api/v1/workflows': [workflow],
  'PUT /api/v1/workflows/{id}': [workflow],
  'POST /api/v1/workflows/{id}/validate': [workflow],
  'POST /api/v1/workflows/schedule-preview': [() => ({ cron: '0 9 * * *', timeZone: 'Europe/Berlin', count: 3 })],
  'POST /api/v1/workflows/hooks/{token}': [() => ({ number: next() })],
  'POST /api/v1/workflows/{id}/execute': [() => ({ variables: { number: next() } })],
  'POST /api/v1/email-templates': [template, markdownTemplate],
  'PUT /api/v1/email-templates/{id}': [template, markdownTemplate],
  'POST /api/v1/email-templates/preview': [() => ({ subject: 'Hi', body: 'Hello {{lead.name}}', ...previewData() })],
  'POST /api/v1/email-templates/{id}/preview': [previewData],
  'POST /api/v1/webhook-endpoints': [webhookEndpoint],
  'PUT /api/v1/webhook-endpoints/{id}': [webhookEndpoint],
  'POST /api/v1/webhook-endpoints/{id}/rotate-secret': [
    () => ({ secret: `whsec_${Buffer.alloc(24, next()).toString('base64')}` }),
  ],
  'POST /api/v1/workflows/executions/{id}/resume': [() => ({ stepId: 'ask', scope: '', result: { number: next() } })],
  'POST /api/v1/workflows/executions/{id}/cancel': [() => ({ compensate: next() % 2 === 0 })],
  'POST /api/v1/workflows/tasks/{id}/complete': [() => ({ result: { number: next() } })],
  'POST /api/v1/leads': [async (organization) => ({ ...lead(), assigneeId: await someoneIn(organization) })],
  'PUT /api/v1/leads/{id}': [
    async (organization) => ({ score: next() % 100, assigneeId: await someoneIn(organization) }),
  ],
  'POST /api/v1/leads/import': [leadRows],
};

type Parameters = Readonly<Record<string, string>>;
type MakeResource = (organization: Organization) => Promise<Parameters>;

const ofId = ({ id }: Record<string, string>): Parameters => ({ id: id! });
const ndjson = { 'content-type': 'application/x-ndjson' };

const makeWorkflow: MakeResource = async (organization) => ofId(await organization.post('/workflows', workflow()));

/** An execution of a new workflow. */
const makeExecution = async (organization: Organization, definition: Body): Promise<Parameters> => {
  const { id } = await organization.post('/workflows', definition);
  const { executionId } = await organization.post(`/workflows/${id}/execute`, {});
  return { id: executionId! };
};
const makeWebhookEndpoint: MakeResource = async (organization) =>
  ofId(await organization.post('/webhook-endpoints', webhookEndpoint()));
const makeWebhook: MakeResource = async (organization) => {
  const { id } = await organization.post('/workflows', hooked());
  const { path } = await organization.post(`/workflows/${id}/webhook`, noBody());
  return { id: id!, token: path!.slice(path!.lastIndexOf('/') + 1) };
};

const makeUser: MakeResource = async (organization) => ({
  id: (await organization.post('/users', invitation())).userId!,
});

const makeLead: MakeResource = async (organization) => ({ id: await leadIn(organization) });

const makeImport: MakeResource = async (organization) => {
  const { jobId } = await organization.post('/leads/import', leadRows(), ndjson);
  return { id: jobId! };
};

/** The trail tells of it a little later. */
const makeEvent: MakeResource = (organization) =>
  eventually(async () => {
    const [event] = await organization.get<Record<string, string>[]>('/audit/events?limit=1');
    return ofId(event!);
  });

/** Makes what a path addresses, anew at each call; keyed by the path up to its last parameter. */
const resources: Readonly<Record<string, MakeResource>> = {
  '/api/v1/users/{id}': makeUser,
  '/api/v1/sessions/{id}': async (organization) => {
    await organization.signIn();
    const sessions = await organization.get<{ id: string; isCurrent: boolean }[]>('/sessions');
    return { id: sessions.find(({ isCurrent }) => !isCurrent)!.id };
  },
  '/api/v1/api-keys/{id}': async (organization) => ofId(await organization.post('/api-keys', apiKey())),
  '/api/v1/rules/entry-points/{name}': async (organization) => {
    const { name } = await organization.post('/rules/entry-points', entryPoint(`guard.order.made-${next()}`));
    return { name: name! };
  },
  '/api/v1/rules/functions/{name}': async (organization) => {
    const { name } = await organization.post('/rules/functions', customFunction());
    return { name: name! };
  },
  '/api/v1/business-rules/{id}': async (organization) => ofId(await organization.post('/business-rules', rule())),
  '/api/v1/business-rules/backtests/{id}': async (organization) => {
    const { id } = await organization.post('/business-rules', rule());
    const span = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' };
    const { jobId } = await organization.post(`/business-rules/${id}/backtest`, span);
    return { id: jobId! };
  },
  '/api/v1/business-rules/executions/{id}': async (organization) => {
    const body = { entryPoint: ENTRY_POINT, context: { order: {} } };
    const { executionId } = await organization.post('/rules/engine/execute', body);
    return { id: executionId! };
  },
  '/api/v1/workflows/{id}': makeWorkflow,
  '/api/v1/workflows/executions/{id}': (organization) => makeExecution(organization, workflow()),
  '/api/v1/workflows/tasks/{id}': async (organization) => {
    const { id } = await makeExecution(organization, taskWorkflow());
    const [task] = await organization.get<{ id: string }[]>(`/workflows/tasks?executionId=${id}`);
    return { id: task!.id };
  },
  '/api/v1/workflows/hooks/{token}': makeWebhook,
  '/api/v1/email-templates/{id}': async (organization) => ofId(await organization.post('/email-templates', template())),
  '/api/v1/webhook-endpoints/{id}': makeWebhookEndpoint,
  '/api/v1/webhook-deliveries/{id}': async (organization) => {
    const { id } = await makeWebhookEndpoint(organization);
    const { deliveryId } = await organization.post(`/webhook-endpoints/${id}/test`, noBody());
    return { id: deliveryId! };
  },
  '/api/v1/leads/{id}': makeLead,
  '/api/v1/leads/imports/{id}': makeImport,
  '/api/v1/audit/events/{id}': makeEvent,
  '/api/v1/audit/subjects/{subjectType}/{subjectId}': async (organization) => {
    const subject = { type: 'lead', id: await leadIn(organization) };
    const context = { lead: {} };
    await organization.post('/rules/engine/execute', { entryPoint: 'crm.lead.created', context, subject });
    return { subjectType: subject.type, subjectId: subject.id };
  },
  '/api/v1/audit/timeline/{subjectType}/{subjectId}': async (organization) => ({
    subjectType: 'lead',
    subjectId: await leadIn(organization),
  }),
};

/** Routes that ask for a certain state of what they address. */
const states: Readonly<Record<string, MakeResource>> = {
  'POST /api/v1/business-rules/{id}/rollback': async (organization) => {
    const { id } = await organization.post('/business-rules', rule());
    await organization.expectData({ method: 'PUT', url: `/api/v1/business-rules/${id}`, body: definition() });
    return { id: id! };
  },
  // The stream of one that goes on would never end.
  'GET /api/v1/workflows/executions/{id}/events': async (organization) => {
    const execution = await makeExecution(organization, workflow());
    await organization.expectData({ method: 'POST', url: `/api/v1/workflows/executions/${execution.id}/cancel` });
    return execution;
  },
  'GET /api/v1/workflows/{id}/schedule': async (organization) =>
    ofId(await organization.post('/workflows', scheduled())),
  'GET /api/v1/workflows/{id}/webhook': makeWebhook,
  'POST /api/v1/workflows/{id}/webhook': async (organization) => ofId(await organization.post('/workflows', hooked())),
  'DELETE /api/v1/workflows/{id}/webhook': makeWebhook,
  'POST /api/v1/workflows/executions/{id}/resume': (organization) => makeExecution(organization, taskWorkflow()),
  'POST /api/v1/workflows/executions/{id}/retry': (organization) => makeExecution(organization, failingWorkflow()),
  'POST /api/v1/users/{id}/reactivate': async (organization) => {
    const user = await makeUser(organization);
    await organization.post(`/users/${user.id}/deactivate`, noBody());
    return user;
  },
};

/** Answers that are as good as a success, because what the route asks for passes by itself. */
const passing: Readonly<Record<string, readonly string[]>> = {
  // A short import may be over, and an event may not be sealed yet.
  'POST /api/v1/leads/imports/{id}/cancel': ['import-finished'],
  // The first attempt may not be over yet.
  'POST /api/v1/webhook-deliveries/{id}/redeliver': ['webhook-being-sent'],
  'POST /api/v1/business-rules/backtests/{id}/cancel': ['backtest-finished'],
  'GET /api/v1/audit/events/{id}/proof': ['audit-not-sealed-yet'],
};

/** Whether an answer is what the route gives to somebody who may. */
export const isDone = ({ key }: Operation, { status, code }: Answer): boolean =>
  status < 300 || (code !== undefined && passing[key]?.includes(code) === true);

/** Whether an answer refuses what was asked for; that of a batch refuses at least one of its parts. */
export function isRefused({ status, data }: Answer): boolean {
  const { results } = Object(data) as { results?: readonly { status: number }[] };
  return [status, ...(results ?? []).map((result) => result.status)].some((told) => told >= 400 && told < 500);
}

const addressOf = ({ path }: Operation): string => path.slice(0, path.lastIndexOf('}') + 1);

/** Makes one of everything that routes address. */
export function makeAll(operations: readonly Operation[], organization: Organization): Promise<Parameters[]> {
  const addresses = new Set(operations.map(addressOf));
  const makers = Object.entries(resources).filter(([address]) => addresses.has(address));
  return Promise.all(makers.map(([, make]) => make(organization)));
}

/** Makes what the route addresses. @throws Error when nobody says how */
export async function makeFor(operation: Operation, organization: Organization): Promise<Parameters> {
  if (!operation.path.includes('{')) return {};
  const make = states[operation.key] ?? resources[addressOf(operation)];
  if (!make)
    throw new Error(`${operation.key} has no entry in the table of resources; say how to make what it addresses.`);
  return make(organization);
}

/** Valid bodies for the route; one that is undefined when it takes none. @throws Error when nobody says which */
export async function bodiesFor(operation: Operation, organization: Organization): Promise<(Body | undefined)[]> {
  if (!operation.body && !operation.takesStream) return [undefined];
  const makers = bodies[operation.key];
  if (!makers) throw new Error(`${operation.key} has no entry in the table of bodies; say what a valid one is.`);
  return Promise.all(makers.map(async (make) => make(organization)));
}

/** Headers that say what the body of a route is. */
export const headersFor = ({ takesStream }: Operation): Record<string, string> => (takesStream ? ndjson : {});

/** The route's path with its parameters filled in. */
export const urlOf = ({ path }: Operation, parameters: Parameters): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name]!));

/** Parameters that address nothing anywhere; those that name a kind stay. */
export const absent = (parameters: Parameters): Parameters =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => {
      if (/id$/i.test(name)) return [name, newId()];
      return [name, name === 'name' ? `guard.absent.made-${next()}` : value];
    }),
  );
