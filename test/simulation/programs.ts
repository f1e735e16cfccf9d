import type { JsonValue } from '../../src/kernel/json.js';
import type { ErrorHandling, Step, StepType, WorkflowDefinition } from '../../src/workflows/engine/definition.js';
import { withDefaults } from '../../src/workflows/engine/definition.js';
import type { Random } from './random.js';

/** A workflow to be run, and what may be expected of it. */
export interface Program {
  readonly id: string;
  readonly definition: WorkflowDefinition;
  /** Whether who comes first may change what the whole comes to. */
  readonly isRace: boolean;
}

/** What of a program is being written. */
interface Draft {
  readonly random: Random;
  readonly types: readonly StepType[];
  readonly steps: Step[];
  /** The name of the subworkflow, for programs that may have one. */
  readonly child: string | undefined;
  isRace: boolean;
}

/** Where in a program a sequence stands. */
interface Place {
  /** The step that comes after it; undefined when its region ends with it. */
  readonly next: string | undefined;
  readonly depth: number;
  /** Actions that surely ran before, in the same region or around it. */
  readonly before: readonly string[];
  /** Whether it is within the body of a for_each. */
  readonly isInItem: boolean;
}

const MAX_DEPTH = 3;
const MAX_STEPS = 30;

/** A workflow of steps of these types, whose meaning is plain: blocks within blocks. */
export function writeProgram(
  random: Random,
  { id, types, child }: { id: string; types: readonly StepType[]; child?: string },
): Program {
  const draft: Draft = { random, types, steps: [], child, isRace: false };
  const first = writeSequence(draft, { next: undefined, depth: 0, before: [], isInItem: false });
  draft.steps.sort((one, other) => Number(other.id === first) - Number(one.id === first));
  compensateSome(draft);
  const definition = withDefaults({
    name: id,
    trigger: { type: 'manual' },
    variables: [
      { name: 'n', type: 'number', required: true },
      { name: 'list', type: 'array', required: true },
    ],
    steps: draft.steps,
    settings: {
      timeoutMs: 3_600_000,
      retryAttempts: random.integer(0, 3),
      maxConcurrentExecutions: random.isLucky(0.3) ? random.integer(1, 3) : 100,
    },
  });
  return { id, definition, isRace: draft.isRace };
}

/** Writes a few blocks one after the other. @returns the id of the first step */
function writeSequence(draft: Draft, place: Place): string {
  const length = draft.random.integer(1, 3);
  const ids = Array.from({ length }, () => newStepId(draft));
  const before = [...place.before];
  for (const [index, id] of ids.entries()) {
    writeBlock(draft, id, { ...place, next: ids[index + 1] ?? place.next, before: [...before] });
    if (draft.steps.find((step) => step.id === id)?.type === 'action') before.push(id);
  }
  return ids[0]!;
}

const reserved = new WeakMap<Draft, number>();

function newStepId(draft: Draft): string {
  const count = (reserved.get(draft) ?? 0) + 1;
  reserved.set(draft, count);
  return `s${count}`;
}

const BLOCKS: readonly StepType[] = [
  ...['action', 'action', 'action', 'action', 'delay', 'delay', 'condition', 'condition', 'parallel', 'parallel'],
  ...['for_each', 'wait_for_event', 'human_task', 'subworkflow'],
] as StepType[];

function writeBlock(draft: Draft, id: string, place: Place): void {
  const isFull = place.depth >= MAX_DEPTH || (reserved.get(draft) ?? 0) > MAX_STEPS;
  const leaves: readonly StepType[] = ['action', 'delay', 'wait_for_event', 'human_task'];
  const isPossible = (type: StepType): boolean =>
    draft.types.includes(type) && (!isFull || leaves.includes(type)) && (type !== 'subworkflow' || !!draft.child);
  WRITERS[draft.random.pick(BLOCKS.filter(isPossible))](draft, id, place);
}

const frame = (id: string, next: string | undefined) => ({ id, name: id, nextSteps: next === undefined ? [] : [next] });

const WRITERS: Readonly<Record<StepType, (draft: Draft, id: string, place: Place) => void>> = {
  action: (draft, id, place) =>
    draft.steps.push({
      ...frame(id, place.next),
      type: 'action',
      configuration: { action: draft.random.isLucky(0.5) ? 'send' : 'note', parameters: { n: '{{n}}' } },
      ...errorHandling(draft, place),
    }),
  delay: ({ random, steps }, id, { next }) =>
    steps.push({ ...frame(id, next), type: 'delay', configuration: { duration: `PT${random.integer(1, 20)}S` } }),
  condition: (draft, id, place) =>
    draft.random.isLucky(0.3) ? writeLoop(draft, id, place) : writeBranch(draft, id, place),
  parallel: writeParallel,
  for_each: (draft, id, place) =>
    draft.steps.push({
      ...frame(id, place.next),
      type: 'for_each',
      configuration: {
        items: draft.random.isLucky(0.5) ? '{{list}}' : listOf(draft.random.integer(0, 4)),
        do: writeSequence(draft, { ...place, next: undefined, depth: place.depth + 1, isInItem: true }),
        concurrency: draft.random.integer(1, 3),
      },
      ...errorHandling(draft, place, false),
    }),
  wait_for_event: (draft, id, place) =>
    draft.steps.push({
      ...frame(id, place.next),
      type: 'wait_for_event',
      configuration: {
        eventType: 'crm.lead-changed',
        match: { field: 'payload.executionId', equals: '{{execution.id}}' },
        ...timeout(draft, place),
      },
    }),
  human_task: (draft, id, place) =>
    draft.steps.push({
      ...frame(id, place.next),
      type: 'human_task',
      configuration: {
        title: 'Look at {{n}}',
        role: 'manager',
        ...(draft.random.isLucky(0.3) && { remindAfter: 'PT2S' }),
        ...(draft.random.isLucky(0.3) && { escalateAfter: 'PT5S', escalateTo: { role: 'owner' } }),
        ...timeout(draft, place),
      },
    }),
  subworkflow: (draft, id, place) =>
    draft.steps.push({
      ...frame(id, place.next),
      type: 'subworkflow',
      configuration: { workflow: draft.child!, variables: { n: '{{n}}', list: '{{list}}' } },
      ...errorHandling(draft, place),
    }),
};

const listOf = (length: number): JsonValue => Array.from({ length }, (_value, index) => ({ number: index }));

function writeBranch(draft: Draft, id: string, place: Place): void {
  const inner = { ...place, depth: place.depth + 1 };
  const hasOtherwise = draft.random.isLucky(0.6);
  draft.steps.push({
    ...frame(id, hasOtherwise ? undefined : place.next),
    type: 'condition',
    configuration: {
      condition: someCondition(draft, place),
      when: writeSequence(draft, inner),
      ...(hasOtherwise && { otherwise: writeSequence(draft, inner) }),
    },
  });
}

/** The body, a wait, and the question whether it was enough; the body begins with an action that counts. */
function writeLoop(draft: Draft, id: string, place: Place): void {
  const [body, wait, check] = [newStepId(draft), newStepId(draft), newStepId(draft)];
  const counts = { ...frame(id, body), type: 'action' as const, configuration: { action: 'note' } };
  draft.steps.push({ ...counts, onError: { then: 'continue' } });
  writeBlock(draft, body, { ...place, next: wait, depth: place.depth + 1 });
  draft.steps.push({ ...frame(wait, check), type: 'delay', configuration: { duration: 'PT1S' } });
  const condition = { '<': [{ var: [`steps.${id}.nth`, 9] }, draft.random.integer(1, 3)] };
  draft.steps.push({ ...frame(check, place.next), type: 'condition', configuration: { condition, when: id } });
}

function someCondition({ random }: Draft, { before }: Place): JsonValue {
  if (before.length === 0 || random.isLucky(0.4)) return { '<': [{ var: 'n' }, random.integer(0, 10)] };
  return { '<': [{ var: [`steps.${random.pick(before)}.value`, 50] }, random.integer(0, 100)] };
}

function writeParallel(draft: Draft, id: string, place: Place): void {
  const branches = draft.random.integer(1, 3);
  const join = draft.random.pick(['all', 'all', 'any', draft.random.integer(1, branches)] as const);
  draft.isRace ||= branches > 1 && join !== 'all' && join !== branches;
  const nextSteps = Array.from({ length: branches }, () =>
    writeSequence(draft, { ...place, next: undefined, depth: place.depth + 1 }),
  );
  draft.steps.push({
    ...{ id, name: id, nextSteps, type: 'parallel' },
    configuration: { join, ...(place.next !== undefined && { then: place.next }) },
    ...errorHandling(draft, place, false),
  });
}

/** Of steps that another attempt may help also how often they are tried again. */
const retried = (random: Random): ErrorHandling['retry'] => ({
  attempts: random.integer(0, 4),
  backoff: random.pick(['fixed', 'exponential'] as const),
  delayMs: random.integer(0, 3_000),
});

function errorHandling({ random }: Draft, { next }: Place, isRetried = true): { readonly onError?: ErrorHandling } {
  if (random.isLucky(0.4)) return {};
  const chosen = random.pick(['fail', 'continue', 'goto', 'compensate'] as const);
  const then = chosen === 'goto' && next === undefined ? 'continue' : chosen;
  const retry = isRetried ? { retry: retried(random) } : {};
  return { onError: { ...retry, then, ...(then === 'goto' && { goto: next! }) } };
}

function timeout(draft: Draft, { next }: Place): { timeout?: string; onTimeout?: string } {
  if (draft.random.isLucky(0.7)) return {};
  draft.isRace = true;
  return { timeout: `PT${draft.random.integer(1, 20)}S`, ...(next !== undefined && { onTimeout: next }) };
}

/** Gives some actions a step that undoes them, and all when somebody asks for compensation. */
function compensateSome({ random, steps }: Draft): void {
  const actions = steps.filter((step) => step.type === 'action' && random.isLucky(0.5));
  const isAsked = steps.some(({ onError }) => onError?.then === 'compensate');
  const first = steps.find(({ type }) => type === 'action');
  const compensated = actions.length === 0 && isAsked && first ? [first] : actions;
  for (const step of compensated) {
    const undo = `undo-${step.id}`;
    steps[steps.indexOf(step)] = { ...step, compensation: undo };
    const configuration = { action: random.pick(['note', 'send']), parameters: { what: `{{steps.${step.id}}}` } };
    const onError = { then: 'fail' as const, retry: { attempts: 3, backoff: 'fixed' as const, delayMs: 500 } };
    steps.push({ ...frame(undo, undefined), type: 'action', configuration, onError });
  }
  if (!isAsked || compensated.length > 0) return;
  const failing = { onError: { then: 'fail' as const } };
  steps.forEach((step, index) => (steps[index] = step.onError?.then === 'compensate' ? { ...step, ...failing } : step));
}
