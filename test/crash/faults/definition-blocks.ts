import type { JsonObject } from '../../../src/kernel/json.js';
import type { SeededChance } from './seeded-chance.js';

/** Mails to these recipients: refused at first, refused for good. The number of the execution follows. */
export const recipients = { flaky: 'flaky', refused: 'refused' } as const;

/** Endpoints of webhooks: one that takes all, one that is unavailable at first. */
export const endpoints = { steady: 'steady', flaky: 'flaky' } as const;

/** A workflow that others run as a step of theirs. */
export const CHILD = 'Child';

/** What a block adds to what execution `n` must come to. */
export interface Part {
  /** Ids of the steps that end well, as often as they do. */
  readonly completed?: readonly string[];
  /** Ids of the steps that fail for good. */
  readonly failed?: readonly string[];
  /** Mails that are delivered, or unknown. */
  readonly mails?: number;
  /** Mails that the server refuses for good. */
  readonly refused?: number;
  /** Webhooks that are delivered, or unknown. */
  readonly webhooks?: number;
  /** Executions of `CHILD`. */
  readonly children?: number;
  /** Left out: the execution goes on. */
  readonly status?: 'compensated';
}

/** Some steps of a definition, of which the first has the block's id, and the last ones go on with `next`. */
export interface Block {
  readonly steps: readonly JsonObject[];
  /**
   * What it adds to execution `n`, of whose steps these sent a mail that stayed unknown: when the sender was lost with
   * the server's refusal, nobody knows of it, and the step has ended well.
   */
  readonly expected: (n: number, unknown: ReadonlySet<string>) => Part;
}

/** Where a block stands. */
export interface Place {
  readonly id: string;
  /** The id of the block after it; none when it is the last one. */
  readonly next: readonly string[];
  readonly chance: SeededChance;
}

/** A kind of block. */
export type Kind = (place: Place) => Block;

const address = (kind: string, id: string): string => `${kind}-{{variables.n}}-${id}@crash.test`;

/** A step that sends one mail with a text of its own. */
export const mailStep = (id: string, recipient: string, more: JsonObject): JsonObject => ({
  id,
  name: `Mail ${id}`,
  type: 'action',
  configuration: { action: 'send_email', parameters: { recipient, subject: `Step ${id}`, text: 'Counted.' } },
  ...more,
});

const plainMail = (id: string, next: readonly string[]): JsonObject =>
  mailStep(id, address('plain', id), { nextSteps: [...next] });

/** A step that waits for some seconds. */
export const delayStep = (id: string, seconds: number, next: readonly string[]): JsonObject => ({
  id,
  name: `Wait ${seconds} s`,
  type: 'delay',
  configuration: { duration: `PT${seconds}S` },
  nextSteps: [...next],
});

export const delay: Kind = ({ id, next, chance }) => ({
  steps: [delayStep(id, chance.between(2, 5), next)],
  expected: () => ({ completed: [id] }),
});

export const mail: Kind = ({ id, next }) => ({
  steps: [plainMail(id, next)],
  expected: () => ({ completed: [id], mails: 1 }),
});

export const retriedMail: Kind = ({ id, next, chance }) => {
  const retry = { attempts: 8, backoff: 'fixed', delayMs: chance.between(100, 1_500) };
  const more = { nextSteps: [...next], onError: { then: 'fail', retry } };
  return {
    steps: [mailStep(id, address(recipients.flaky, id), more)],
    expected: () => ({ completed: [id], mails: 1 }),
  };
};

export const reroutedMail: Kind = ({ id, next }) => {
  const instead = `${id}-instead`;
  const onError = { then: 'goto', goto: instead, retry: { attempts: 3, backoff: 'fixed', delayMs: 200 } };
  return {
    steps: [mailStep(id, address(recipients.refused, id), { nextSteps: [...next], onError }), plainMail(instead, next)],
    expected: (_n, unknown) =>
      unknown.has(id) ? { completed: [id], mails: 1 } : { completed: [instead], failed: [id], mails: 1, refused: 1 },
  };
};

const webhookStep = (id: string, endpoint: string, next: readonly string[]): JsonObject => ({
  id,
  name: `Webhook ${id}`,
  type: 'action',
  configuration: {
    action: 'call_webhook',
    parameters: { endpoint, type: 'crash.counted', data: { n: '{{variables.n}}' }, onUnknown: 'keep' },
  },
  nextSteps: [...next],
  onError: { then: 'fail', retry: { attempts: 8, backoff: 'fixed', delayMs: 500 } },
});

export const webhook: Kind = ({ id, next }) => ({
  steps: [webhookStep(id, endpoints.steady, next)],
  expected: () => ({ completed: [id], webhooks: 1 }),
});

export const retriedWebhook: Kind = ({ id, next }) => ({
  steps: [webhookStep(id, endpoints.flaky, next)],
  expected: () => ({ completed: [id], webhooks: 1 }),
});

export const condition: Kind = ({ id, next, chance }) => {
  const [even, odd] = [`${id}-even`, `${id}-odd`];
  const configuration = { condition: { '==': [{ '%': [{ var: 'n' }, 2] }, 0] }, when: even, otherwise: odd };
  return {
    steps: [
      { id, name: `Even ${id}`, type: 'condition', configuration },
      plainMail(even, next),
      delayStep(odd, chance.between(1, 3), next),
    ],
    expected: (n) => (n % 2 === 0 ? { completed: [id, even], mails: 1 } : { completed: [id, odd] }),
  };
};

/** Two branches, of which one waits; both must end. */
export const joinedBranches: Kind = ({ id, next, chance }) => {
  const [first, waiting, last] = [`${id}-a`, `${id}-b`, `${id}-c`];
  const configuration = { join: 'all', ...(next[0] !== undefined && { then: next[0] }) };
  return {
    steps: [
      { id, name: `Both of ${id}`, type: 'parallel', configuration, nextSteps: [first, waiting] },
      plainMail(first, []),
      delayStep(waiting, chance.between(1, 3), [last]),
      plainMail(last, []),
    ],
    expected: () => ({ completed: [id, first, waiting, last], mails: 2 }),
  };
};

/** Three branches that mail at once, and one that is cancelled in its long wait when two have ended. */
export const someBranches: Kind = ({ id, next, chance }) => {
  const mails = [`${id}-a`, `${id}-b`];
  const configuration = { join: mails.length, ...(next[0] !== undefined && { then: next[0] }) };
  const cancelled = `${id}-cancelled`;
  return {
    steps: [
      { id, name: `Two of ${id}`, type: 'parallel', configuration, nextSteps: [...mails, cancelled] },
      ...mails.map((branch) => plainMail(branch, [])),
      delayStep(cancelled, chance.between(40_000, 80_000), []),
    ],
    expected: () => ({ completed: [id, ...mails], mails: mails.length }),
  };
};

export const eachOfThree: Kind = ({ id, next }) => {
  const body = `${id}-item`;
  const recipient = `item-{{variables.n}}-{{item}}-${id}@crash.test`;
  const configuration = { items: ['x', 'y', 'z'], do: body, concurrency: 2 };
  return {
    steps: [
      { id, name: `Each of ${id}`, type: 'for_each', configuration, nextSteps: [...next] },
      mailStep(body, recipient, {}),
    ],
    expected: () => ({ completed: [id, body, body, body], mails: 3 }),
  };
};

/** Waits for what never happens, and goes on when its time is up. */
export const eventInVain: Kind = ({ id, next, chance }) => {
  const late = `${id}-late`;
  const configuration = {
    eventType: 'workflows.execution-completed',
    match: { field: 'payload.name', equals: 'Nobody {{variables.n}}' },
    timeout: `PT${chance.between(2, 4)}S`,
    onTimeout: late,
  };
  return {
    steps: [
      { id, name: `In vain ${id}`, type: 'wait_for_event', configuration, nextSteps: [...next] },
      plainMail(late, next),
    ],
    expected: () => ({ completed: [id, late], mails: 1 }),
  };
};

/** Waits for the event of the execution's own start: only as the first block it surely comes. */
export const ownStart: Kind = ({ id, next }) => {
  const match = { field: 'subject.id', equals: '{{execution.id}}' };
  const configuration = { eventType: 'workflows.execution-started', match };
  return {
    steps: [{ id, name: `Own start ${id}`, type: 'wait_for_event', configuration, nextSteps: [...next] }],
    expected: () => ({ completed: [id] }),
  };
};

/** A task that nobody does. */
export const undoneTask: Kind = ({ id, next, chance }) => {
  const late = `${id}-late`;
  const configuration = {
    title: 'Look at {{variables.n}}',
    role: 'owner',
    remindAfter: 'PT1S',
    timeout: `PT${chance.between(2, 4)}S`,
    onTimeout: late,
  };
  return {
    steps: [{ id, name: `Task ${id}`, type: 'human_task', configuration, nextSteps: [...next] }, plainMail(late, next)],
    expected: () => ({ completed: [id, late], mails: 1 }),
  };
};

export const child: Kind = ({ id, next }) => ({
  steps: [
    {
      id,
      name: `Child of ${id}`,
      type: 'subworkflow',
      configuration: { workflow: CHILD, variables: { n: '{{variables.n}}' } },
      nextSteps: [...next],
    },
  ],
  expected: () => ({ completed: [id], children: 1 }),
});

/** Ends the execution: two steps are undone because a third one fails. Only as the last block. */
export const undone: Kind = ({ id }) => {
  const [second, third] = [`${id}-second`, `${id}-third`];
  const undo = (step: string): string => `${step}-undo`;
  const refusal = { onError: { then: 'compensate', retry: { attempts: 1, backoff: 'fixed', delayMs: 100 } } };
  return {
    steps: [
      mailStep(id, address('plain', id), { nextSteps: [second], compensation: undo(id) }),
      mailStep(second, address('plain', second), { nextSteps: [third], compensation: undo(second) }),
      mailStep(third, address(recipients.refused, third), refusal),
      mailStep(undo(id), address('plain', undo(id)), {}),
      mailStep(undo(second), address('plain', undo(second)), {}),
    ],
    expected: (_n, unknown) =>
      unknown.has(third)
        ? { completed: [id, second, third], mails: 3 }
        : {
            status: 'compensated',
            completed: [id, second, undo(id), undo(second)],
            failed: [third],
            mails: 4,
            refused: 1,
          },
  };
};
