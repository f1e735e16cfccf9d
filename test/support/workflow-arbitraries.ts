import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../src/kernel/json.js';
import { withDefaults } from '../../src/workflows/engine/definition.js';
import type { ErrorHandling, Step, WorkflowDefinition } from '../../src/workflows/engine/definition.js';

/** What a block does with a failure that nothing within it handled; `goto` goes to the next block. */
export interface Handling {
  readonly then: ErrorHandling['then'];
  readonly attempts?: number;
}

/** A program whose meaning is plain; a workflow is made from it, and must do what it says. */
export type Block =
  | {
      readonly kind: 'action';
      readonly error?: Handling;
      /** How the step that undoes it handles its own failure; undefined: nothing undoes it. */
      readonly undo?: 'fail' | 'continue';
    }
  | { readonly kind: 'delay' }
  | {
      readonly kind: 'condition';
      readonly holds: boolean;
      readonly yes: readonly Block[];
      readonly no: readonly Block[];
    }
  | {
      readonly kind: 'parallel';
      readonly join: 'all' | 'any' | number;
      readonly branches: readonly (readonly Block[])[];
      readonly error?: Handling;
    }
  | {
      readonly kind: 'for_each';
      readonly items: readonly JsonValue[];
      readonly concurrency: number;
      readonly body: readonly Block[];
      readonly error?: Handling;
    }
  | {
      readonly kind: 'wait';
      readonly timeout: boolean;
      readonly onTimeout?: readonly Block[];
      readonly error?: Handling;
    }
  | {
      readonly kind: 'task';
      readonly reminds: boolean;
      readonly escalates: boolean;
      readonly timeout: boolean;
      readonly onTimeout?: readonly Block[];
      readonly error?: Handling;
    }
  | { readonly kind: 'subworkflow'; readonly error?: Handling }
  /** Repeats its body until it ran so many times, 1 to 3. */
  | { readonly kind: 'loop'; readonly body: readonly Block[]; readonly times: number };

/** The event type that generated waits wait for, and that a check must know. */
export const AWAITED_EVENT = 'crm.lead-created';

/** The only action of generated workflows; it answers its parameters, and in `count` one more than they say. */
export const GENERATED_ACTION = 'note';

/** What `GENERATED_ACTION` gives back. */
export const noted = (input: JsonValue): JsonObject => {
  const { count = 0, ...parameters } = (input ?? {}) as JsonObject;
  return { ...parameters, count: Number(count) + 1 };
};

const handlingArbitrary = (retries: boolean, then: readonly Handling['then'][]): fc.Arbitrary<Handling | undefined> =>
  fc.option(
    fc.record({ then: fc.constantFrom(...then), ...(retries && { attempts: fc.nat(2) }) }, { requiredKeys: ['then'] }),
    { nil: undefined },
  );

type Tied = { block: Block; blocks: Block[] };

/** Programs of every kind of block. `then` lists the ways in which failures may be handled, `joins` those of parallels. */
export const programs = ({
  then = ['fail', 'continue', 'goto', 'compensate'],
  joins = ['all', 'any', 'some'],
}: { then?: readonly Handling['then'][]; joins?: readonly ('all' | 'any' | 'some')[] } = {}): fc.Arbitrary<Block[]> => {
  const error = handlingArbitrary(false, then);
  const retried = handlingArbitrary(true, then);
  return fc.letrec<Tied>((tie) => {
    const blocks = tie('blocks');
    const onTimeout = fc.option(blocks, { nil: undefined });
    const nested = [
      fc.record({ kind: fc.constant('condition' as const), holds: fc.boolean(), yes: blocks, no: blocks }),
      fc
        .record({
          branches: fc.array(blocks, { minLength: 1, maxLength: 3 }),
          join: fc.constantFrom(...joins),
          n: fc.nat(2),
          error,
        })
        .map(({ branches, join, n, error: handling }): Block => {
          const count = 1 + (n % branches.length);
          return { kind: 'parallel', branches, join: join === 'some' ? count : join, error: handling };
        }),
      fc.record({
        kind: fc.constant('for_each' as const),
        items: fc.array(fc.nat(9), { maxLength: 4 }),
        concurrency: fc.integer({ min: 1, max: 3 }),
        body: blocks,
        error,
      }),
      fc.record({ kind: fc.constant('loop' as const), body: blocks, times: fc.integer({ min: 1, max: 3 }) }),
      fc
        .record({ timeout: fc.boolean(), onTimeout, error })
        .map((wait): Block => ({ kind: 'wait', ...wait, onTimeout: wait.timeout ? wait.onTimeout : undefined })),
      fc
        .record({ reminds: fc.boolean(), escalates: fc.boolean(), timeout: fc.boolean(), onTimeout, error })
        .map((task): Block => ({ kind: 'task', ...task, onTimeout: task.timeout ? task.onTimeout : undefined })),
    ];
    const undo = fc.option(fc.constantFrom('fail' as const, 'continue' as const), { nil: undefined });
    return {
      block: fc.oneof(
        { maxDepth: 3, depthIdentifier: 'workflow-block' },
        { weight: 8, arbitrary: fc.record({ kind: fc.constant('action' as const), error: retried, undo }) },
        { weight: 2, arbitrary: fc.record({ kind: fc.constant('delay' as const) }) },
        { weight: 1, arbitrary: fc.record({ kind: fc.constant('subworkflow' as const), error: retried }) },
        ...nested.map((arbitrary) => ({ weight: 2, arbitrary: arbitrary })),
      ),
      blocks: fc.array(tie('block'), { minLength: 1, maxLength: 3, depthIdentifier: 'workflow-block' }),
    };
  }).blocks;
};

/** The step that a block begins with: that of the place, or in a loop that of its body's first block. */
export const entryOf = (id: string, block: Block | undefined): string =>
  block?.kind === 'loop' ? entryOf(`${id}-0`, block.body[0]) : id;

/** The workflow that a program means. Each block's id is its place, so that a step's can be told from the program. */
export const definitionOf = (program: readonly Block[]): WorkflowDefinition => {
  const steps: Step[] = [];
  const first = new ProgramSteps(steps).sequence('s', program, undefined, false);
  steps.sort((a, b) => Number(b.id === first) - Number(a.id === first));
  const canUndo = steps.some(({ compensation }) => compensation !== undefined);
  const handled = steps.map((step) =>
    step.onError?.then === 'compensate' && !canUndo
      ? { ...step, onError: { ...step.onError, then: 'fail' as const } }
      : step,
  );
  return withDefaults({
    name: 'Generated',
    trigger: { type: 'manual' },
    steps: handled,
    settings: { retryAttempts: 1 },
  });
};

class ProgramSteps {
  constructor(private readonly steps: Step[]) {}

  /** Adds the steps of blocks that stand in a row. @returns the id of the first */
  sequence(place: string, blocks: readonly Block[], after: string | undefined, inBody: boolean): string {
    blocks.forEach((block, index) => {
      const following = blocks[index + 1];
      const next = following ? entryOf(`${place}-${index + 1}`, following) : after;
      this.add(`${place}-${index}`, block, next, inBody);
    });
    return entryOf(`${place}-0`, blocks[0]);
  }

  private add(id: string, block: Block, next: string | undefined, inBody: boolean): void {
    switch (block.kind) {
      case 'action':
        return this.action(id, block, next, inBody);
      case 'delay':
        this.steps.push({ ...frame(id, next), type: 'delay', configuration: { duration: 'PT1S' } });
        return;
      case 'condition': {
        const when = this.sequence(`${id}-y`, block.yes, next, inBody);
        const otherwise = this.sequence(`${id}-n`, block.no, next, inBody);
        this.steps.push({
          ...frame(id),
          type: 'condition',
          configuration: { condition: block.holds, when, otherwise },
        });
        return;
      }
      case 'parallel': {
        const nextSteps = block.branches.map((branch, index) =>
          this.sequence(`${id}-b${index}`, branch, undefined, inBody),
        );
        const configuration = { join: block.join, ...(next !== undefined && { then: next }) };
        this.steps.push({ ...frame(id, next, block.error), nextSteps, type: 'parallel', configuration });
        return;
      }
      case 'for_each': {
        const body = this.sequence(`${id}-d`, block.body, undefined, true);
        const configuration = { items: block.items, do: body, concurrency: block.concurrency };
        this.steps.push({ ...frame(id, next, block.error), type: 'for_each', configuration });
        return;
      }
      case 'loop':
        return this.loop(id, block, next, inBody);
      case 'subworkflow':
        this.steps.push({ ...frame(id, next, block.error), type: 'subworkflow', configuration: { workflow: 'Other' } });
        return;
      default:
        return this.wait(id, block, next, inBody);
    }
  }

  private action(
    id: string,
    block: Extract<Block, { kind: 'action' }>,
    next: string | undefined,
    inBody: boolean,
  ): void {
    const parameters: JsonObject = inBody ? { item: '{{item}}', index: '{{index}}' } : {};
    const compensation = block.undo && `${id}-undo`;
    this.steps.push({
      ...frame(id, next, block.error),
      type: 'action',
      configuration: { action: GENERATED_ACTION, parameters },
      ...(compensation !== undefined && { compensation }),
    });
    if (compensation === undefined || block.undo === undefined) return;
    const undoing = { action: GENERATED_ACTION, parameters: { of: `{{steps.${id}.count}}` } };
    this.steps.push({
      ...frame(compensation, undefined, { then: block.undo }),
      type: 'action',
      configuration: undoing,
    });
  }

  private loop(id: string, block: Extract<Block, { kind: 'loop' }>, next: string | undefined, inBody: boolean): void {
    const [count, check, pause] = [`${id}-count`, `${id}-check`, `${id}-wait`];
    const body = this.sequence(id, block.body, count, inBody);
    const parameters = { count: `{{steps.${count}.count}}` };
    const configuration = { action: GENERATED_ACTION, parameters };
    this.steps.push({ ...frame(count, check, { then: 'continue', attempts: 0 }), type: 'action', configuration });
    const again = { '<': [{ var: `steps.${count}.count` }, block.times] };
    this.steps.push({ ...frame(check, next), type: 'condition', configuration: { condition: again, when: pause } });
    this.steps.push({ ...frame(pause, body), type: 'delay', configuration: { duration: 'PT1S' } });
  }

  private wait(
    id: string,
    block: Extract<Block, { kind: 'wait' | 'task' }>,
    next: string | undefined,
    inBody: boolean,
  ): void {
    const onTimeout = block.onTimeout && this.sequence(`${id}-t`, block.onTimeout, next, inBody);
    const timeout = { ...(block.timeout && { timeout: 'PT4H' }), ...(onTimeout !== undefined && { onTimeout }) };
    if (block.kind === 'wait') {
      const match = { field: 'subject.id', equals: '{{execution.id}}' };
      const configuration = { eventType: AWAITED_EVENT, match, ...timeout };
      this.steps.push({ ...frame(id, next, block.error), type: 'wait_for_event', configuration });
      return;
    }
    const configuration = {
      title: `Look at ${id}`,
      role: 'approver',
      ...(block.reminds && { remindAfter: 'PT1H' }),
      ...(block.escalates && { escalateAfter: 'PT2H', escalateTo: { role: 'head' } }),
      ...timeout,
    };
    this.steps.push({ ...frame(id, next, block.error), type: 'human_task', configuration });
  }
}

const frame = (id: string, next?: string, error?: Handling): Pick<Step, 'id' | 'name' | 'nextSteps' | 'onError'> => {
  const onError = error && handlingOf(error, next);
  return { id, name: id, nextSteps: next === undefined ? [] : [next], ...(onError && { onError }) };
};

const handlingOf = ({ then, attempts }: Handling, next: string | undefined): ErrorHandling => {
  const retry = attempts !== undefined && { retry: { attempts, backoff: 'fixed' as const, delayMs: 10 } };
  // There must be somewhere to go to.
  if (then === 'goto') return next === undefined ? { then: 'continue', ...retry } : { then, goto: next, ...retry };
  return { then, ...retry };
};
