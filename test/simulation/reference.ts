import type { JsonObject } from '../../src/kernel/json.js';
import { advance } from '../../src/workflows/engine/advance.js';
import { stepOf } from '../../src/workflows/engine/definition-index.js';
import type { StepType, WorkflowDefinition } from '../../src/workflows/engine/definition.js';
import type { Advance, Outcome } from '../../src/workflows/engine/outcome.js';
import { initialState, type ExecutionState, type StepRunKey } from '../../src/workflows/engine/state.js';
import type { ExecutionStatus } from '../../src/workflows/engine/status.js';
import { environmentOf } from '../../src/workflows/executions/step-end.js';
import { FAILURES, placeOf, planned } from './plans.js';

/** What an execution comes to when nothing goes wrong. */
export interface Meaning {
  readonly status: ExecutionStatus;
  readonly outputs: JsonObject;
  /** How often each step was begun. */
  readonly visits: Readonly<Record<string, number>>;
  /** Whether the status does not depend on who comes first. */
  readonly isStatusSure: boolean;
  /** Whether outputs and visits do not either. */
  readonly isWholeSure: boolean;
}

interface Waiting extends StepRunKey {
  readonly attempt: number;
  readonly at: number;
}

const MAX_TURNS = 5_000;

/** Runs an execution without store, queue, workers or faults: the engine alone, one outcome after the other. */
export class PlainRun {
  private state: ExecutionState;
  private waiting: Waiting[] = [];
  private now = 0;
  /** Whether something within branches or items broke what is around it: then others there came to their end, or not. */
  private isBroken = false;
  private readonly nths = new Map<string, number>();

  constructor(
    private readonly seed: string,
    private readonly execution: { readonly id: string; readonly definition: WorkflowDefinition },
    variables: JsonObject,
  ) {
    this.state = initialState(variables);
  }

  toTheEnd(): Meaning {
    this.take(this.advance({ kind: 'started' }));
    for (let turn = 0; this.waiting.length > 0 && turn < MAX_TURNS; turn++) {
      const next = this.waiting.reduce((first, run) => (run.at < first.at ? run : first));
      this.now = next.at;
      this.take(this.advance(this.outcomeOf(next)));
    }
    const { status, outputs, visits } = this.state;
    const isSure = !this.isBroken;
    return { status, outputs, visits, isStatusSure: isSure, isWholeSure: isSure && status === 'completed' };
  }

  private advance(outcome: Outcome): Advance {
    const { id, definition } = this.execution;
    const now = new Date(this.now).toISOString();
    return advance(definition, this.state, outcome, environmentOf({ id, now }));
  }

  private take({ state, starts, retried, rearmed, finished, ended }: Advance): void {
    this.state = state;
    const isEndWithin = finished[0]?.scope !== '' && (ended?.status === 'failed' || state.status === 'compensating');
    const isGroup = ({ stepId }: StepRunKey): boolean => isOwner(stepOf(this.execution.definition, stepId).type);
    const isBreak = finished.some((run) => run.status === 'cancelled' || (run.status === 'failed' && isGroup(run)));
    this.isBroken ||= isEndWithin || isBreak;
    const isOpen = (run: StepRunKey): boolean => state.open.some((open) => keyOf(open) === keyOf(run));
    const known = new Set(this.waiting.filter(isOpen).map(keyOf));
    const again = [...retried.map((run) => ({ ...run })), ...rearmed.map((run) => ({ ...run, attempt: 1 }))];
    const begun = [...starts, ...again].flatMap(({ stepId, scope, visit, attempt, delayMs }) => {
      const { type } = stepOf(this.execution.definition, stepId);
      if (isOwner(type)) return [];
      const isAwaited = type === 'wait_for_event' || type === 'human_task';
      return [{ stepId, scope, visit, attempt, at: this.now + (isAwaited ? 1 : (delayMs ?? 0)) }];
    });
    const renewed = new Set(begun.map(keyOf));
    this.waiting = [...this.waiting.filter((run) => known.has(keyOf(run)) && !renewed.has(keyOf(run))), ...begun];
  }

  private outcomeOf(run: Waiting): Outcome {
    const { type } = stepOf(this.execution.definition, run.stepId);
    this.waiting = this.waiting.filter((other) => other !== run);
    if (type === 'delay') return { kind: 'step-due', ...run };
    if (type !== 'action') return { kind: 'step-completed', ...run, output: {} };
    const { plan, output } = planned(this.seed, { ...run, place: placeOf(run.scope), nth: this.nthOf(run) });
    if (!plan.failure) return { kind: 'step-completed', ...run, output };
    return { kind: 'step-failed', ...run, error: FAILURES[plan.failure] };
  }

  /** Which visit of the step in its place it is. */
  private nthOf(run: Waiting): number {
    const key = keyOf(run);
    const place = `${run.stepId} ${placeOf(run.scope)}`;
    const known = this.nths.get(key);
    if (known !== undefined) return known;
    const nth = (this.nths.get(place) ?? 0) + 1;
    this.nths.set(place, nth).set(key, nth);
    return nth;
  }
}

const isOwner = (type: StepType): boolean => type === 'parallel' || type === 'for_each';

const keyOf = ({ stepId, scope, visit }: StepRunKey): string => `${stepId}|${scope}|${visit}`;
