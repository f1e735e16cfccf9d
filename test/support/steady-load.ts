import { setTimeout as sleep } from 'node:timers/promises';
import type { madeUpLead } from '../../src/seed/made-up-leads.js';
import type { Answer, CrashScene } from './crash-scene.js';

/** Decides about orders, by one rule that matches each; nothing is written but the record. */
export const ENTRY_POINT = 'shop.order.placed';
const PAUSE_MS = 100;
/** How long a lead is insisted on after the end. */
const INSISTS_FOR_MS = 20_000;

/** A request that was not carried out. */
export interface Refusal {
  readonly status: number;
  readonly mediaType: string | null;
  readonly code: string | undefined;
  readonly retryAfter: string | null;
  /** Since the request was sent. */
  readonly afterMs: number;
}

/** Makes the entry point of the load with its rule. */
export async function prepareLoad(scene: CrashScene): Promise<void> {
  const schema = { type: 'object', required: ['order'], properties: { order: { type: 'object' } } };
  const entryPoint = { name: ENTRY_POINT, schema, writableFields: ['order.discount'], failurePolicy: 'fail_open' };
  const rule = {
    name: 'Discount',
    entryPoint: ENTRY_POINT,
    publish: true,
    condition: { '>': [{ var: 'order.total' }, 0] },
    actions: [{ type: 'set_field', parameters: { field: 'order.discount', value: 1 } }],
  };
  for (const [path, body] of [
    ['/rules/entry-points', entryPoint],
    ['/business-rules', rule],
  ] as const) {
    const { status, body: answer } = await scene.call('POST', path, { body });
    if (status !== 201) throw new Error(`POST ${path}: ${status} ${JSON.stringify(answer)}`);
  }
}

/** Callers who ask for decisions, and one who creates leads and insists, until they are told to stop. */
export class SteadyLoad {
  /** Ids of the decisions that were answered. */
  readonly decided: string[] = [];
  /** Ids of the leads whose creation was answered. */
  readonly created: string[] = [];
  readonly refusals: Refusal[] = [];
  /** Requests that got no answer at all. */
  unanswered = 0;
  private isStopped = false;
  private givesUpAt = Infinity;
  private readonly callers: Promise<void>[];

  /** @param leads to be created, one after the other */
  constructor(
    private readonly scene: CrashScene,
    leads: readonly ReturnType<typeof madeUpLead>[],
    deciders = 4,
  ) {
    this.callers = [...Array.from({ length: deciders }, () => this.decide()), this.create(leads)];
  }

  /** Ends it; a lead that was sent is insisted on until it is there. @throws Error when it still is not after 20 s */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.givesUpAt = Date.now() + INSISTS_FOR_MS;
    await Promise.all(this.callers);
  }

  private async decide(): Promise<void> {
    for (let total = 1; !this.isStopped; total += 1) {
      const body = { entryPoint: ENTRY_POINT, context: { order: { total } } };
      const answer = await this.send('/rules/engine/execute', { body });
      if (answer) this.decided.push((answer.body.data as { executionId: string }).executionId);
      await sleep(PAUSE_MS);
    }
  }

  /** The same request again with the same key, as a client should: the lead must not come twice. */
  private async create(leads: readonly ReturnType<typeof madeUpLead>[]): Promise<void> {
    for (const [index, lead] of leads.entries()) {
      if (this.isStopped) return;
      const headers = { 'idempotency-key': `steady-${index}` };
      let answer: Answer | undefined;
      while (!answer) {
        answer = await this.send('/leads', { body: lead, headers });
        if (!answer && Date.now() > this.givesUpAt) throw new Error(`Refused: ${JSON.stringify(this.refusals.at(-1))}`);
        await sleep(PAUSE_MS);
      }
      this.created.push((answer.body.data as { id: string }).id);
    }
  }

  private async send(path: string, sending: Parameters<CrashScene['call']>[2]): Promise<Answer | undefined> {
    const start = performance.now();
    try {
      const answer = await this.scene.call('POST', path, sending);
      if (answer.status < 300) return answer;
      this.refusals.push({
        status: answer.status,
        mediaType: answer.headers.get('content-type'),
        code: answer.body.code,
        retryAfter: answer.headers.get('retry-after'),
        afterMs: performance.now() - start,
      });
    } catch {
      this.unanswered += 1;
    }
    return undefined;
  }
}
