import type { JsonObject } from '../kernel/json.js';
import { WELCOME } from '../seed/shipped-crm.js';
import { Api } from './api.js';
import { watchDecisions } from './decision-chapter.js';
import { importLeads } from './import-chapter.js';
import type { Instance } from './instance.js';
import { watchMails } from './mail-chapter.js';
import { chapter, say } from './narration.js';
import { explainOne, verifyTrail } from './proof-chapter.js';
import type { Check } from './tally.js';
import { type LeadBody, madeUpLeads, uploadOf } from './upload.js';

const OWNER = { email: 'owner@demo.test', password: 'demo-password' } as const;
/** Between the two mails while the story is told. */
const PAUSE_MS = 10_000;
const MADE_UP_LEADS = 1_000;

interface Step {
  readonly id: string;
  readonly type: string;
  readonly configuration: JsonObject;
}

interface Workflow {
  readonly id: string;
  readonly name: string;
  readonly steps: readonly Step[];
}

/**
 * Tells what Proviso does with real calls: leads come in, rules decide, a workflow writes mails, the trail is verified.
 * @param given leads to import; made-up ones when there are none
 * @returns what must add up
 */
export async function tell(instance: Instance, given?: readonly LeadBody[]): Promise<readonly Check[]> {
  const api = new Api(instance.url);
  chapter('Sign in');
  await api.signIn(OWNER.email, OWNER.password);
  const workflow = await welcomeOf(api);
  chapter('Days become seconds, without a deployment');
  await revise(api, shortened(workflow));
  try {
    return await tellWith(api, instance, { workflowId: workflow.id, leads: given ?? (await freshLeads(api)) });
  } finally {
    chapter('Put the workflow back');
    await revise(api, workflow);
  }
}

async function tellWith(
  api: Api,
  instance: Instance,
  { workflowId, leads }: { readonly workflowId: string; readonly leads: readonly LeadBody[] },
): Promise<readonly Check[]> {
  const since = new Date().toISOString();
  const upload = uploadOf(leads);
  const imported = await importLeads(api, upload);
  const decided = await watchDecisions(api, since, upload.expected.created);
  const mailed = await watchMails({ api, instance }, { id: workflowId, pauseMs: PAUSE_MS }, decided);
  await explainOne(api, decided);
  return [...imported, ...decided.checks, ...mailed, ...(await verifyTrail(api))];
}

/** Made-up leads with numbers that no earlier story has used. */
async function freshLeads(api: Api): Promise<readonly LeadBody[]> {
  return madeUpLeads(await api.total('/leads'), MADE_UP_LEADS);
}

async function welcomeOf(api: Api): Promise<Workflow> {
  for await (const workflow of api.items<Workflow>('/workflows')) if (workflow.name === WELCOME) return workflow;
  throw new Error(`There is no workflow ${WELCOME}; load it with: npm run cli -- seed --organization demo --set crm`);
}

const shortened = (workflow: Workflow): Workflow => ({
  ...workflow,
  steps: workflow.steps.map((step) =>
    step.type === 'delay' ? { ...step, configuration: { duration: `PT${PAUSE_MS / 1000}S` } } : step,
  ),
});

/** Saves the workflow as its next version. */
async function revise(api: Api, workflow: Workflow): Promise<void> {
  const { id, ...answer } = workflow as Workflow & JsonObject;
  const {
    version: _v,
    createdAt: _a,
    createdBy: _b,
    updatedAt: _u,
    updatedBy: _w,
    ...definition
  } = answer as JsonObject;
  await api.tell('PUT', `/workflows/${id}`, { json: definition });
  for (const { type, configuration } of workflow.steps) {
    if (type === 'delay') say(`  its pause: ${JSON.stringify(configuration)}`);
  }
}
