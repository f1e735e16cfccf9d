import type { Api } from './api.js';
import type { Decided } from './decision-chapter.js';
import type { Instance } from './instance.js';
import { chapter, count, counted, say } from './narration.js';
import { type Check, inOrder } from './tally.js';
import { untilReached } from './waiting.js';

interface Execution {
  readonly id: string;
  readonly status: string;
  readonly subject: { readonly id: string } | null;
}

interface Workflow {
  readonly id: string;
  /** Between its two mails. */
  readonly pauseMs: number;
}

/** Waits until the welcome workflows that the decisions started have ended, and counts their mails. */
export async function watchMails(
  { api, instance }: { readonly api: Api; readonly instance: Instance },
  { id: workflowId, pauseMs }: Workflow,
  { leads, decisions }: Decided,
): Promise<readonly Check[]> {
  const wanted = new Set(decisions.filter(hasStarted).map(({ subject }) => subject.id));
  chapter(`The workflow writes to ${counted(wanted.size, 'lead')}`);
  const path = `/workflows/executions?workflowId=${workflowId}`;
  const others = (await executionsOf(api, path)).filter(({ subject }) => !subject || !wanted.has(subject.id));
  const before = others.filter(({ status }) => status === 'completed').length;
  const ended = async (): Promise<number> => (await api.total(`${path}&status=completed`)) - before;
  await untilReached(wanted.size, ended, (done) => say(`  ${count(done)} of ${count(wanted.size)} executions done …`));
  const executions = (await executionsOf(api, path)).filter(({ subject }) => subject && wanted.has(subject.id));
  say(`GET /api/v1${path} → ${counted(executions.length, 'execution')} for these leads`);
  const recipients = leads.filter(({ id }) => wanted.has(id)).map(({ contact }) => contact.email);
  const mails = await instance.mails(api);
  const theirs = new Set(recipients);
  const delivered = mails.filter(({ recipient }) => theirs.has(recipient));
  say(`  ${counted(delivered.length, 'mail')} for them at ${instance.mailbox}; the last one to the first of them:`);
  await showMail(instance, recipients[0]);
  return [
    { what: 'workflows started, one for each lead that matched', expected: wanted.size, actual: executions.length },
    {
      what: 'workflows completed',
      expected: wanted.size,
      actual: executions.filter(({ status }) => status === 'completed').length,
    },
    { what: 'mails delivered, two for each', expected: 2 * wanted.size, actual: delivered.length },
    {
      what: 'mails of which nobody knows whether they were sent',
      expected: 0,
      actual: await unknownMails(api, theirs),
    },
    {
      what: `leads whose second mail came ${pauseMs / 1000} s or more after the first`,
      expected: wanted.size,
      actual: inOrder(recipients, delivered, pauseMs),
    },
  ];
}

const hasStarted = ({ effects }: Decided['decisions'][number]): boolean =>
  effects.some(({ type, status }) => type === 'trigger_workflow' && status === 'effective');

const executionsOf = (api: Api, path: string): Promise<Execution[]> => Array.fromAsync(api.items<Execution>(path));

/** Of a mail that was under way when its process or its lease ended nobody can know; it is shown and never sent again. */
async function unknownMails(api: Api, recipients: ReadonlySet<string>): Promise<number> {
  const mails = await Array.fromAsync(api.items<{ readonly recipient: string }>('/emails?status=unknown'));
  return mails.filter(({ recipient }) => recipients.has(recipient)).length;
}

async function showMail(instance: Instance, recipient: string | undefined): Promise<void> {
  const mail = recipient === undefined ? undefined : await instance.readMail(recipient);
  for (const line of mail?.trimEnd().split(/\r?\n/) ?? []) say(`  │ ${line}`);
}
