import type { JsonObject } from '../../../src/kernel/json.js';
import * as blocks from './definition-blocks.js';
import type { Block, Kind, Part } from './definition-blocks.js';
import type { SeededChance } from './seeded-chance.js';

/** What an execution must have come to. */
export interface Expectation extends Required<Omit<Part, 'status'>> {
  readonly status: 'completed' | 'compensated';
}

/** A workflow of the mix. Its executions are numbered by the variable `n`. */
export interface MixedWorkflow {
  readonly name: string;
  /** Body of `POST /workflows`. */
  readonly definition: JsonObject;
  /** Whether the end of an execution starts one of the follow-up. */
  readonly isFollowed: boolean;
  readonly expected: (n: number, unknown: ReadonlySet<string>) => Expectation;
}

/** Kinds that may stand anywhere; to add one, write it among the blocks and name it here. */
const kinds: readonly Kind[] = [
  blocks.mail,
  blocks.retriedMail,
  blocks.reroutedMail,
  blocks.webhook,
  blocks.retriedWebhook,
  blocks.condition,
  blocks.joinedBranches,
  blocks.someBranches,
  blocks.eachOfThree,
  blocks.eventInVain,
  blocks.undoneTask,
  blocks.child,
];

const WORKFLOWS = 12;
const FOLLOWED = 2;

/** Whether a workflow of this number begins by waiting for the event of its own start, or undoes in the end. */
const beginsWithEvent = (index: number): boolean => index % 5 === 1;
const endsUndone = (index: number): boolean => index % 6 === 5;

const variables = [{ name: 'n', type: 'number', required: true }];

function expectationOf(parts: readonly Part[]): Expectation {
  const sum = (key: 'mails' | 'refused' | 'webhooks' | 'children'): number =>
    parts.reduce((total, part) => total + (part[key] ?? 0), 0);
  return {
    status: parts.find(({ status }) => status)?.status ?? 'completed',
    completed: parts.flatMap(({ completed = [] }) => completed),
    failed: parts.flatMap(({ failed = [] }) => failed),
    mails: sum('mails'),
    refused: sum('refused'),
    webhooks: sum('webhooks'),
    children: sum('children'),
  };
}

/** Each kind is in one of the first definitions, so that a short run has them all. */
function chosenKinds(chance: SeededChance, index: number): readonly Kind[] {
  const first = beginsWithEvent(index) ? blocks.ownStart : blocks.mail;
  const last = endsUndone(index) ? blocks.undone : blocks.mail;
  const { delay } = blocks;
  return [first, delay, kinds[index % kinds.length]!, chance.pick(kinds), delay, chance.pick(kinds), delay, last];
}

function mixedWorkflow(chance: SeededChance, index: number): MixedWorkflow {
  const name = `Mix ${index}`;
  const chosen = chosenKinds(chance, index);
  const made: readonly Block[] = chosen.map((kind, position) => {
    const next = position + 1 < chosen.length ? [`s${position + 1}`] : [];
    return kind({ id: `s${position}`, next, chance });
  });
  const steps = made.flatMap((block) => block.steps);
  return {
    name,
    definition: { name, enabled: true, trigger: { type: 'manual' }, variables, steps },
    isFollowed: index < FOLLOWED,
    expected: (n, unknown) => expectationOf(made.map(({ expected }) => expected(n, unknown))),
  };
}

/** The same workflows for the same seed. */
export const mixOf = (chance: SeededChance): readonly MixedWorkflow[] =>
  Array.from({ length: WORKFLOWS }, (_, index) => mixedWorkflow(chance.for(`workflow ${index}`), index));

/** A workflow that others start, one way or another; what each of its executions comes to. */
export interface Auxiliary {
  readonly definition: JsonObject;
  readonly completed: readonly string[];
  readonly mails: number;
}

/** Started by the end of each execution of a followed workflow: what the relay and the reactions must not lose or double. */
const followUp: Auxiliary = {
  definition: {
    name: 'Follow-up',
    enabled: true,
    trigger: {
      type: 'event',
      eventType: 'workflows.execution-completed',
      filter: { in: [{ var: 'payload.name' }, Array.from({ length: FOLLOWED }, (_, index) => `Mix ${index}`)] },
    },
    steps: [blocks.mailStep('follow', 'follow-{{event.subject.id}}@crash.test', {})],
  },
  completed: ['follow'],
  mails: 1,
};

const child: Auxiliary = {
  definition: {
    name: blocks.CHILD,
    enabled: true,
    trigger: { type: 'manual' },
    variables,
    steps: [blocks.delayStep('wait', 1, ['write']), blocks.mailStep('write', 'child-{{execution.id}}@crash.test', {})],
  },
  completed: ['wait', 'write'],
  mails: 1,
};

export const auxiliaries = { followUp, child };
