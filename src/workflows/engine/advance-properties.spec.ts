import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { advance } from './advance.js';
import { withDefaults } from './definition.js';
import type { ErrorHandling, Step, WorkflowDefinition } from './definition.js';
import type { UncheckedStep } from './graph.js';
import { regionsOf } from './regions.js';
import { initialState } from './state.js';
import type { Advance, Outcome } from './outcome.js';
import type { ExecutionState, OpenStepRun, StepRunKey } from './state.js';
import { isFinal, STATUS_TRANSITIONS } from './status.js';
import type { Environment } from './transition.js';
import { checkGraph } from './validate-graph.js';
import { checkReads } from './validate-reads.js';

/** A program whose meaning is plain; a workflow is made from it, and must do what it says. */
type Block =
  | { kind: 'work'; error?: Omit<ErrorHandling, 'goto'> }
  | { kind: 'wait' }
  | { kind: 'branch'; yes: Block[]; no: Block[] }
  | { kind: 'loop'; body: Block[]; times: number };

const errorHandling = fc.record(
  {
    retry: fc.record({
      attempts: fc.nat(2),
      backoff: fc.constantFrom('fixed' as const, 'exponential' as const),
      delayMs: fc.nat(1000),
    }),
    then: fc.constantFrom('fail' as const, 'continue' as const, 'goto' as const),
  },
  { requiredKeys: ['then'] },
);

const { blocks } = fc.letrec<{ block: Block; blocks: Block[] }>((tie) => ({
  block: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'block' },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('work' as const), error: fc.option(errorHandling, { nil: undefined }) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('branch' as const), yes: tie('blocks'), no: tie('blocks') }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('loop' as const), body: tie('blocks'), times: fc.nat(2) }) },
  ),
  blocks: fc.array(tie('block'), { minLength: 1, maxLength: 3, depthIdentifier: 'block' }),
}));

/** The steps of a program; each block's id is its place, `loop` adds `-wait` and `-check`. The first block is put first. */
const compile = (program: Block[]): WorkflowDefinition => {
  const steps: Step[] = [];
  const frame = (id: string, next: string | undefined) => ({
    id,
    name: id,
    nextSteps: next === undefined ? [] : [next],
  });
  const wait = (id: string, next: string | undefined) =>
    steps.push({ ...frame(id, next), type: 'delay', configuration: { duration: 'PT1S' } });
  const check = (id: string, when: string, otherwise: string | undefined) =>
    steps.push({ ...frame(id, otherwise), type: 'condition', configuration: { condition: id, when } });
  const work = (id: string, next: string | undefined, error: Omit<ErrorHandling, 'goto'> | undefined) => {
    // There must be somewhere to go to.
    const then = error?.then === 'goto' && next === undefined ? 'continue' : error?.then;
    const onError = error && then && { ...error, then, ...(then === 'goto' && { goto: next }) };
    steps.push({ ...frame(id, next), type: 'action', configuration: { action: 'note' }, ...(onError && { onError }) });
  };
  const entryOf = (id: string, block: Block | undefined): string => {
    if (block?.kind === 'loop') return entryOf(`${id}-0`, block.body[0]);
    return id;
  };
  const sequence = (place: string, list: Block[], after: string | undefined): string => {
    list.forEach((block, index) => {
      const id = `${place}-${index}`;
      const next = index + 1 < list.length ? entryOf(`${place}-${index + 1}`, list[index + 1]) : after;
      if (block.kind === 'work') work(id, next, block.error);
      if (block.kind === 'wait') wait(id, next);
      if (block.kind === 'branch') {
        check(id, sequence(`${id}-y`, block.yes, next), sequence(`${id}-n`, block.no, next));
      }
      if (block.kind === 'loop') {
        check(`${id}-check`, sequence(id, block.body, `${id}-wait`), next);
        wait(`${id}-wait`, `${id}-check`);
      }
    });
    return entryOf(`${place}-0`, list[0]);
  };
  const first = sequence('s', program, undefined);
  steps.sort((a, b) => Number(b.id === first) - Number(a.id === first));
  return withDefaults({ name: 'w', trigger: { type: 'manual' }, steps, settings: { retryAttempts: 1 } });
};

const loopTimes = (program: Block[], place = 's', found = new Map<string, number>()): Map<string, number> => {
  program.forEach((block, index) => {
    const id = `${place}-${index}`;
    if (block.kind === 'branch') {
      loopTimes(block.yes, `${id}-y`, found);
      loopTimes(block.no, `${id}-n`, found);
    }
    if (block.kind === 'loop') loopTimes(block.body, id, found.set(`${id}-check`, block.times));
  });
  return found;
};

/** What a check answers at its nth visit: a loop so many times yes and then no, a branch yes and no in turn. */
const answer = (id: string, visit: number, times: ReadonlyMap<string, number>): boolean => {
  const repeats = times.get(id);
  return repeats === undefined ? visit % 2 === 1 : visit % (repeats + 1) !== 0;
};

/** The visits that a program means when nothing fails, in their order. */
const meaning = (program: Block[]): string[] => {
  const log: string[] = [];
  const visits = new Map<string, number>();
  const times = loopTimes(program);
  const decide = (id: string): boolean => {
    log.push(id);
    visits.set(id, (visits.get(id) ?? 0) + 1);
    return answer(id, visits.get(id) ?? 0, times);
  };
  const interpret = (place: string, list: Block[]): void => {
    list.forEach((block, index) => {
      const id = `${place}-${index}`;
      if (block.kind === 'work' || block.kind === 'wait') log.push(id);
      if (block.kind === 'branch') {
        if (decide(id)) interpret(`${id}-y`, block.yes);
        else interpret(`${id}-n`, block.no);
      }
      if (block.kind === 'loop') {
        do {
          interpret(id, block.body);
          log.push(`${id}-wait`);
        } while (decide(`${id}-check`));
      }
    });
  };
  interpret('s', program);
  return log;
};

const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
};

/** An execution whose every transition is checked; its state goes through JSON each time, as through a store. */
class CheckedExecution {
  readonly log: string[] = [];
  readonly outcomes: Outcome[] = [];
  state: ExecutionState = freeze(initialState({}));
  private readonly times: ReadonlyMap<string, number>;
  private readonly begun = new Map<string, number>();

  constructor(
    program: Block[],
    readonly definition = compile(program),
  ) {
    this.times = loopTimes(program);
  }

  deliver(outcome: Outcome): Advance {
    const before = this.state;
    const result = advance(this.definition, before, outcome, this.environment());
    expect(advance(this.definition, before, outcome, this.environment())).toEqual(result);
    if (result.ignored) return result;
    this.outcomes.push(outcome);
    expect([before.status, ...STATUS_TRANSITIONS[before.status]]).toContain(result.state.status);
    this.checkOrder(outcome, result);
    this.checkAlive(result);
    this.state = freeze(JSON.parse(JSON.stringify(result.state)) as ExecutionState);
    expect(this.state).toEqual(result.state);
    return result;
  }

  ignores(outcome: Outcome): void {
    expect(this.deliver(outcome)).toMatchObject({
      state: this.state,
      starts: [],
      passed: [],
      finished: [],
      ignored: true,
    });
  }

  private environment(): Environment {
    const visits = this.state.visits;
    const evaluate: Environment['evaluate'] = (form) => {
      const id = 'condition' in form && typeof form.condition === 'string' ? form.condition : '';
      return answer(id, (visits[id] ?? 0) + 1, this.times);
    };
    return { executionId: 'e', now: new Date(0), seed: 'x', evaluate };
  }

  /** Whatever begins follows, by a way of the definition, what has just ended. */
  private checkOrder(outcome: Outcome, { state, starts, retried, passed }: Advance): void {
    const ended = outcome.kind === 'step-completed' || outcome.kind === 'step-failed' ? outcome : undefined;
    for (const start of retried) {
      expect(start).toMatchObject({
        stepId: ended?.stepId,
        visit: ended?.visit,
        attempt: (ended as OpenStepRun).attempt + 1,
      });
    }
    if (ended && retried.length === 0) {
      this.log.push(ended.stepId);
      expect(state.open).not.toContainEqual(expect.objectContaining({ stepId: ended.stepId, visit: ended.visit }));
    }
    let previous = ended?.stepId;
    for (const run of [...passed, ...starts]) {
      expect(this.waysFrom(previous)).toContain(run.stepId);
      this.checkVisit(run);
      previous = run.stepId;
    }
    this.log.push(...passed.map((run) => run.stepId));
  }

  private checkVisit({ stepId, visit }: StepRunKey): void {
    expect(visit).toBe((this.begun.get(stepId) ?? 0) + 1);
    this.begun.set(stepId, visit);
  }

  private waysFrom(stepId: string | undefined): (string | undefined)[] {
    const step = this.definition.steps.find((candidate) => candidate.id === stepId);
    if (!step) return [this.definition.steps[0]?.id];
    return [...step.nextSteps, step.onError?.goto, step.type === 'condition' ? step.configuration.when : undefined];
  }

  /** Either it has ended and nothing is open, or something is open and was started. */
  private checkAlive({ state, starts, ended }: Advance): void {
    expect(ended !== undefined).toBe(isFinal(state.status));
    expect(state.open.length > 0).toBe(ended === undefined);
    for (const { stepId, scope, visit, attempt } of starts) {
      expect(state.open).toContainEqual({ stepId, scope, visit, attempt });
    }
  }
}

const completed = ({ stepId, scope, visit }: StepRunKey): Outcome => ({
  kind: 'step-completed',
  stepId,
  scope,
  visit,
  output: {},
});

/** An outcome that nothing open waits for. */
const strayOutcome = (run: OpenStepRun, choice: number): Outcome => {
  const error = { code: 'late', message: 'Late.', retryable: choice % 2 === 0 };
  const strays: Outcome[] = [
    { kind: 'started' },
    completed({ ...run, visit: run.visit + 1 }),
    completed({ ...run, scope: 'elsewhere' }),
    completed({ ...run, stepId: 'nobody' }),
    { kind: 'step-failed', ...run, attempt: run.attempt + 1, error },
    { kind: 'step-failed', ...run, visit: run.visit - 1, error },
  ];
  return strays[choice % strays.length] ?? { kind: 'started' };
};

/** One of the things that can happen to an open run; delays only end. */
const outcomeOf = (execution: CheckedExecution, run: OpenStepRun, choice: number): Outcome => {
  const isDelay = execution.definition.steps.find((step) => step.id === run.stepId)?.type === 'delay';
  if (choice < 2) return { kind: 'cancel-requested', compensate: false };
  if (isDelay || choice < 60) return completed(run);
  return { kind: 'step-failed', ...run, error: { code: 'x', message: 'X.', retryable: choice < 90 } };
};

describe('advance', () => {
  it('is tried on workflows that validation accepts', () => {
    fc.assert(
      fc.property(blocks, (program) => {
        const { steps } = compile(program);
        const unchecked = JSON.parse(JSON.stringify(steps)) as UncheckedStep[];
        const regions = regionsOf(unchecked);
        expect(checkGraph(unchecked, regions)).toEqual([]);
        expect(checkReads(unchecked, new Set(steps.map((step) => step.id)), regions)).toEqual([]);
      }),
    );
  });

  it('does what the program means when nothing fails', () => {
    fc.assert(
      fc.property(blocks, (program) => {
        const execution = new CheckedExecution(program);
        execution.deliver({ kind: 'started' });
        for (let [run] = execution.state.open; run; [run] = execution.state.open) execution.deliver(completed(run));
        expect(execution.state.status).toBe('completed');
        expect(execution.log).toEqual(meaning(program));
      }),
    );
  });

  it('always ends, whatever fails, is cancelled, comes twice, late or early', () => {
    const choices = fc.array(fc.nat(99), { minLength: 5, maxLength: 60 });
    fc.assert(
      fc.property(blocks, choices, (program, chosen) => {
        const execution = new CheckedExecution(program);
        execution.deliver({ kind: 'started' });
        for (let turn = 0; !isFinal(execution.state.status); turn++) {
          const choice = chosen[turn % chosen.length] ?? 0;
          const [run] = execution.state.open;
          if (!run) throw new Error('nothing is open and it has not ended');
          execution.ignores(strayOutcome(run, choice));
          const earlier = execution.outcomes[choice % execution.outcomes.length];
          if (earlier) execution.ignores(earlier);
          // A second cancellation is ignored; the open run then ends as it would have.
          const { ignored } = execution.deliver(outcomeOf(execution, run, choice));
          if (ignored) execution.deliver(completed(run));
        }
        for (const outcome of execution.outcomes) execution.ignores(outcome);
      }),
    );
  });
});
