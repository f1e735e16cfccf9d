import { afterEach, describe, expect, it } from '@jest/globals';
import type { JsonValue } from '../../src/kernel/json.js';
import { createActionRegistry } from '../../src/rules/engine/action-types.js';
import { decide } from '../../src/rules/engine/decide.js';
import type { Facts } from '../../src/rules/engine/facts.js';
import { compilePortable, type PortableRuleSet } from '../../src/rules/engine/portable-rule-set.js';
import { compileRuleSet } from '../../src/rules/engine/rule-set.js';
import { compileFunctions } from '../../src/rules/functions/sandbox/compile-functions.js';
import type { DecideTask, ThreadTask } from '../../src/rules/functions/thread/thread-messages.js';
import { ThreadQueue } from '../../src/rules/functions/thread/thread-queue.js';

const calls: Record<string, number> = {};
let queue: ThreadQueue | undefined;

const thread = (): ThreadQueue =>
  (queue ??= new ThreadQueue((answer) => {
    for (const [outcome, count] of Object.entries(answer.calls)) calls[outcome] = (calls[outcome] ?? 0) + count;
  }));

afterEach(async () => {
  await queue?.close();
  queue = undefined;
});

const facts: Facts = {
  now: '2026-11-25T10:00:00.000Z',
  seed: 'thread',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: 'user', role: 'owner', permissions: [] },
};
const rule = (id: string, condition: JsonValue, priority: number) => ({
  id,
  version: 1,
  name: id,
  priority,
  createdAt: '2026-11-01T00:00:00.000Z',
  enabled: true,
  stopOnMatch: false,
  condition,
  actions: [{ type: 'set_field', parameters: { field: 'order.tier', value: id } }],
});
const definition = (name: string, source: string) => ({ name, version: 1, parameters: ['total'], source });

const portable: PortableRuleSet = {
  rules: [
    rule('large', { fn: ['isLarge', { var: 'order.total' }] }, 3),
    rule('lucky', { '>': [{ fn: ['lucky'] }, 0.5] }, 2),
    rule('broken', { fn: ['broken', 1] }, 1),
    rule('plain', { '==': [{ var: 'order.total' }, 7] }, 0),
  ],
  actionTypes: [],
  failurePolicy: 'fail_open',
  functions: [
    definition('isLarge', 'return total > 100;'),
    definition('lucky', 'return Math.random();'),
    definition('broken', 'throw new Error("always");'),
  ],
};
const hostile: PortableRuleSet = {
  ...portable,
  rules: [rule('endless', { fn: ['endless'] }, 1)],
  functions: [definition('endless', 'for (;;);')],
};
const task = (total: number, more: Partial<DecideTask> = {}): DecideTask => ({
  kind: 'decide',
  ruleSetNumber: 1,
  failurePolicy: 'fail_open',
  context: { order: { total } },
  facts: { ...facts, seed: `thread ${total}` },
  ...more,
});
const call = (source: string): ThreadTask & { kind: 'call' } => ({
  kind: 'call',
  definition: definition('tried', source),
  args: [],
  now: facts.now,
  seed: 'seed',
});

describe('the thread of functions', () => {
  it('asks for a rule set that it does not know, and decides as this thread would', async () => {
    expect(await thread().ask(task(1))).toBeUndefined();
    const here = compilePortable(portable, compileFunctions);
    for (const total of [1, 7, 101]) {
      const there = await thread().ask(task(total, total === 1 ? { ruleSet: portable } : {}));
      expect(there).toEqual(decide(here, { order: { total } }, { ...facts, seed: `thread ${total}` }));
      expect(there!.errors).toMatchObject([{ ruleId: 'broken', code: 'function-failed' }]);
    }
    expect(calls).toMatchObject({ succeeded: 6, 'function-failed': 3 });
  });

  it('decides sets without functions as they were decided before', async () => {
    const rules = portable.rules.slice(3);
    const options = { actionTypes: createActionRegistry(), failurePolicy: 'fail_open' as const };
    const there = await thread().ask(task(7, { ruleSet: { ...portable, rules, functions: [] } }));
    expect(there).toEqual(decide(compileRuleSet(rules, options), { order: { total: 7 } }, task(7).facts));
  });

  it('fails what it had when it dies, and what comes after gets a new one', async () => {
    await thread().ask(call('return 1;'));
    const broken = { ...portable, rules: null } as unknown as PortableRuleSet;
    const [lost, next] = await Promise.allSettled([
      thread().ask(task(1, { ruleSet: broken })),
      thread().ask(call('return 2;')),
    ]);
    expect(lost).toMatchObject({ status: 'rejected', reason: { kind: 'unavailable', code: 'sandbox-unavailable' } });
    expect(next).toMatchObject({ status: 'fulfilled', value: { result: 2 } });
    expect(thread().length).toBe(0);
  });

  it('refuses more than may wait at once, and answers the others in order', async () => {
    const answered: number[] = [];
    const asked = Array.from({ length: 130 }, (_, i) =>
      thread()
        .ask(call(`return ${i};`))
        .then(() => answered.push(i)),
    );
    const refused = (await Promise.allSettled(asked)).filter(({ status }) => status === 'rejected');
    expect(refused.length).toBe(29);
    for (const { reason } of refused as PromiseRejectedResult[]) {
      expect(reason).toMatchObject({ kind: 'unavailable', code: 'sandbox-busy', details: { retryAfterSeconds: 1 } });
    }
    expect(answered).toEqual(Array.from({ length: 101 }, (_, i) => i));
  });

  it('fails what waits when it is closed, and takes nothing any more', async () => {
    const waiting = Promise.allSettled([thread().ask(call('for (;;);')), thread().ask(call('return 1;'))]);
    await thread().close();
    for (const { status } of await waiting) expect(status).toBe('rejected');
    await expect(thread().ask(call('return 1;'))).rejects.toMatchObject({ code: 'sandbox-busy' });
  });

  it('leaves this thread free while a hostile function runs; bench/scenarios/sandbox.mjs tells how free', async () => {
    await thread().ask(task(1, { ruleSet: hostile }));
    let turns = 0;
    let isRunning = true;
    const turn = (): void => {
      turns += 1;
      if (isRunning) setTimeout(turn, 1);
    };
    turn();
    const decision = await thread().ask(task(1));
    isRunning = false;
    expect(decision!.errors).toMatchObject([{ code: 'function-limit' }]);
    // Were it decided on this thread, the answer would be there before the first turn.
    expect(turns).toBeGreaterThan(5);
  });
});
