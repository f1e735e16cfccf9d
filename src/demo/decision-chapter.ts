import { LEAD_CREATED } from '../seed/shipped-crm.js';
import type { Api } from './api.js';
import { chapter, count, counted, say } from './narration.js';
import { type Check, decidedOnce } from './tally.js';
import { untilReached } from './waiting.js';

/** A recorded decision, as far as the story tells it. */
export interface Decision {
  readonly id: string;
  readonly subject: { readonly id: string };
  readonly effects: readonly DecisionEffect[];
  readonly errors: readonly unknown[];
}

interface DecisionEffect {
  readonly ruleId: string;
  readonly type: string;
  readonly status: string;
  readonly parameters: { readonly field?: string; readonly by?: number; readonly title?: string };
  readonly result?: unknown;
}

interface Lead {
  readonly id: string;
  readonly score: number;
  readonly assigneeId: string | null;
  readonly contact: { readonly email: string };
}

interface User {
  readonly id: string;
  readonly name: string;
}

/** What the rules decided about the imported leads. */
export interface Decided {
  readonly leads: readonly Lead[];
  readonly decisions: readonly Decision[];
  readonly checks: readonly Check[];
}

/** Waits until the rules have decided about every lead that came in since, and shows how they scored and assigned. */
export async function watchDecisions(api: Api, since: string, expected: number): Promise<Decided> {
  chapter('The rules decide about each lead');
  const users = await Array.fromAsync(api.items<User>('/users'));
  const assignedTo = (id: string): Promise<number> => api.total(`/leads?createdFrom=${since}&assigneeId=${id}`);
  const assigned = async (): Promise<number> => {
    const totals = await Promise.all(users.map(({ id }) => assignedTo(id)));
    return totals.reduce((sum, total) => sum + total, 0);
  };
  await untilReached(expected, assigned, (done) => say(`  ${count(done)} of ${count(expected)} leads assigned …`));
  const leads = await Array.fromAsync(api.items<Lead>(`/leads?createdFrom=${since}`));
  const path = `/business-rules/executions?entryPoint=${LEAD_CREATED}&from=${since}`;
  const decisions = await Array.fromAsync(api.items<Decision>(path));
  say(`GET /api/v1${path} → ${counted(decisions.length, 'decision')}`);
  for (const [name, number] of assignments(leads, users)) say(`  ${name} looks after ${counted(number, 'lead')}`);
  for (const [score, number] of scores(leads)) say(`  score ${String(score).padStart(3)}: ${counted(number, 'lead')}`);
  const ids = leads.map(({ id }) => id);
  const decided = decisions.map(({ subject }) => subject.id);
  return {
    leads,
    decisions,
    checks: [
      { what: 'leads found in the list', expected, actual: leads.length },
      { what: 'leads with exactly one decision', expected, actual: decidedOnce(ids, decided) },
      { what: 'leads assigned', expected, actual: leads.filter(({ assigneeId }) => assigneeId !== null).length },
      { what: 'rules that failed', expected: 0, actual: decisions.flatMap(({ errors }) => errors).length },
    ],
  };
}

const assignments = (leads: readonly Lead[], users: readonly User[]): readonly [string, number][] =>
  [...Map.groupBy(leads, ({ assigneeId }) => assigneeId)].map(([id, theirs]) => [
    users.find((user) => user.id === id)?.name ?? 'Nobody',
    theirs.length,
  ]);

const scores = (leads: readonly Lead[]): readonly [number, number][] =>
  [...Map.groupBy(leads, ({ score }) => score)]
    .map(([score, theirs]): [number, number] => [score, theirs.length])
    .toSorted(([one], [other]) => other - one);
