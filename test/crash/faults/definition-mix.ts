import type { JsonObject } from '../../../src/kernel/json.js';
import type { SeededChance } from './seeded-chance.js';

/** What an execution must have come to. */
export interface Expectation {
  readonly status: 'completed' | 'compensated';
  /** Ids of the steps that end well, each once. */
  readonly completed: readonly string[];
  /** Ids of the steps that fail for good, each once. */
  readonly failed: readonly string[];
  /** Mails that are delivered, or unknown. */
  readonly mails: number;
  /** Mails that the server refuses for good. */
  readonly refused: number;
}

/** A workflow of the mix. Its executions are numbered by the variable `n`. */
export interface MixedWorkflow {
  readonly name: string;
  /** Body of `POST /workflows`. */
  readonly definition: JsonObject;
  /** Whether the end of an execution starts one of `FOLLOW_UP`. */
  readonly isFollowed: boolean;
  readonly expected: (n: number) => Expectation;
}

/** Mails to these recipients: refused at first, refused for good. The number of the execution follows. */
export const recipients = { flaky: 'flaky', refused: 'refused' } as const;

/** What a part of a definition adds to the expectation of execution `n`. */
type Part = Partial<Omit<Expectation, 'status'>>;

/** Some steps of a definition, of which the first has the block's id, and the last ones go on with `next`. */
interface Block {
  readonly steps: readonly JsonObject[];
  readonly expected: (n: number) => Part;
}

interface Place {
  readonly id: string;
  readonly next: readonly string[];
  readonly chance: SeededChance;
}

const WORKFLOWS = 10;
const FOLLOWED = 2;

const address = (kind: string, id: string): string => `${kind}-{{variables.n}}-${id}@crash.test`;

const mailStep = (id: string, recipient: string, more: JsonObject): JsonObject => ({
  id,
  name: `Mail ${id}`,
  type: 'action',
  configuration: { action: 'send_email', parameters: { recipient, subject: `Step ${id}`, text: 'Counted.' } },
  ...more,
});

const delayStep = (id: string, seconds: number, next: readonly string[]): JsonObject => ({
  id,
  name: `Wait ${seconds} s`,
  type: 'delay',
  configuration: { duration: `PT${seconds}S` },
  nextSteps: [...next],
});

const delay = ({ id, next, chance }: Place): Block => ({
  steps: [delayStep(id, chance.between(3, 8), next)],
  expected: () => ({ completed: [id] }),
});

const mail = ({ id, next }: Place): Block => ({
  steps: [mailStep(id, address('plain', id), { nextSteps: [...next] })],
  expected: () => ({ completed: [id], mails: 1 }),
});

const retriedMail = ({ id, next, chance }: Place): Block => {
  const retry = { attempts: 8, backoff: 'fixed', delayMs: chance.between(100, 1_500) };
  const more = { nextSteps: [...next], onError: { then: 'fail', retry } };
  return {
    steps: [mailStep(id, address(recipients.flaky, id), more)],
    expected: () => ({ completed: [id], mails: 1 }),
  };
};

const reroutedMail = ({ id, next }: Place): Block => {
  const instead = `${id}-instead`;
  return {
    steps: [
      mailStep(id, address(recipients.refused, id), {
        nextSteps: [...next],
        onError: { then: 'goto', goto: instead, retry: { attempts: 3, backoff: 'fixed', delayMs: 200 } },
      }),
      mailStep(instead, address('plain', instead), { nextSteps: [...next] }),
    ],
    expected: () => ({ completed: [instead], failed: [id], mails: 1, refused: 1 }),
  };
};

const condition = ({ id, next, chance }: Place): Block => {
  const [even, odd] = [`${id}-even`, `${id}-odd`];
  const configuration = { condition: { '==': [{ '%': [{ var: 'n' }, 2] }, 0] }, when: even, otherwise: odd };
  return {
    steps: [
      { id, name: `Even ${id}`, type: 'condition', configuration },
      mailStep(even, address('plain', even), { nextSteps: [...next] }),
      delayStep(odd, chance.between(1, 4), next),
    ],
    expected: (n) => (n % 2 === 0 ? { completed: [id, even], mails: 1 } : { completed: [id, odd] }),
  };
};

/** Every kind of block there is; to add one, write it above and name it here. */
const kinds = [mail, delay, retriedMail, reroutedMail, condition];

const list = (parts: readonly Part[], key: 'completed' | 'failed'): string[] =>
  parts.flatMap((part) => part[key] ?? []);
const sum = (parts: readonly Part[], key: 'mails' | 'refused'): number =>
  parts.reduce((total, part) => total + (part[key] ?? 0), 0);

function expectationOf(blocks: readonly Block[], n: number): Expectation {
  const parts = blocks.map(({ expected }) => expected(n));
  return {
    status: 'completed',
    completed: list(parts, 'completed'),
    failed: list(parts, 'failed'),
    mails: sum(parts, 'mails'),
    refused: sum(parts, 'refused'),
  };
}

function mixedWorkflow(chance: SeededChance, index: number): MixedWorkflow {
  const name = `Mix ${index}`;
  // Each kind is in the first definitions at least once, so that a short run has them all.
  const chosen = [
    mail,
    delay,
    kinds[index % kinds.length]!,
    chance.pick(kinds),
    delay,
    chance.pick(kinds),
    delay,
    mail,
  ];
  const blocks = chosen.map((kind, position) => {
    const next = position + 1 < chosen.length ? [`s${position + 1}`] : [];
    return kind({ id: `s${position}`, next, chance });
  });
  const steps = blocks.flatMap((block) => block.steps);
  const variables = [{ name: 'n', type: 'number', required: true }];
  return {
    name,
    definition: { name, enabled: true, trigger: { type: 'manual' }, variables, steps },
    isFollowed: index < FOLLOWED,
    expected: (n) => expectationOf(blocks, n),
  };
}

/** The same workflows for the same seed. */
export const mixOf = (chance: SeededChance): readonly MixedWorkflow[] =>
  Array.from({ length: WORKFLOWS }, (_, index) => mixedWorkflow(chance.for(`workflow ${index}`), index));

/** Started by the end of each execution of a followed workflow: what the relay and the reactions must not lose or double. */
export const FOLLOW_UP: JsonObject = {
  name: 'Follow-up',
  enabled: true,
  trigger: {
    type: 'event',
    eventType: 'workflows.execution-completed',
    filter: { in: [{ var: 'payload.name' }, Array.from({ length: FOLLOWED }, (_, index) => `Mix ${index}`)] },
  },
  steps: [mailStep('follow', 'follow-{{event.subject.id}}@crash.test', {})],
};
