import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ConflictThread } from '../../src/rules/conflicts/conflict-thread.js';
import type { ConflictAssignment } from '../../src/rules/conflicts/conflict-assignment.js';
import type { RuleDefinition } from '../../src/rules/engine/rule.js';

let thread: ConflictThread;

beforeEach(() => {
  thread = new ConflictThread();
});

afterEach(() => thread.onModuleDestroy());

const rule = (i: number): RuleDefinition => ({
  id: `r${i}`,
  version: 1,
  name: `rule ${i}`,
  priority: i,
  createdAt: '2026-01-01T00:00:00.000Z',
  enabled: true,
  stopOnMatch: false,
  condition: { '>': [{ var: 'total' }, i] },
  actions: [{ type: 'set_field', parameters: { field: 'score', value: i } }],
});

const searchOf = (count: number): ConflictAssignment => ({
  ruleSet: {
    rules: Array.from({ length: count }, (_, i) => rule(i)),
    actionTypes: [],
    failurePolicy: 'fail_open',
    functions: [],
  },
  schema: { type: 'object' },
  from: '2026-01-01T00:00:00.000Z',
});

it('searches in another thread while this one goes on', async () => {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  const { conflicts, isComplete } = await thread.find(searchOf(40));
  clearInterval(timer);
  expect([conflicts.length, isComplete]).toEqual([780, true]);
  expect(ticks).toBeGreaterThan(10);
});

it('takes one after the other, and refuses those for whom the queue is too long', async () => {
  const answers = await Promise.allSettled(Array.from({ length: 12 }, () => thread.find(searchOf(3))));
  const found = answers.filter(({ status }) => status === 'fulfilled');
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
  expect(found).toHaveLength(9);
  for (const reason of refused) {
    expect(reason).toMatchObject({ kind: 'unavailable', code: 'conflicts-busy', details: { retryAfterSeconds: 10 } });
  }
  expect((await thread.find(searchOf(3))).conflicts).toHaveLength(3);
});

it('tells those who wait when the application ends, and when the thread ends by itself', async () => {
  const broken = { ...searchOf(1), schema: { type: 'no such type' } };
  await expect(thread.find(broken)).rejects.toMatchObject({ kind: 'unavailable', code: 'conflicts-failed' });
  const running = expect(thread.find(searchOf(400))).rejects.toMatchObject({ kind: 'unavailable' });
  const waiting = expect(thread.find(searchOf(1))).rejects.toMatchObject({ kind: 'unavailable' });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await thread.onModuleDestroy();
  await Promise.all([running, waiting]);
});
