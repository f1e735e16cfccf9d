import type { JsonObject, JsonValue } from '../../src/kernel/json.js';
import { advance } from '../../src/workflows/engine/advance.js';
import type { StepType } from '../../src/workflows/engine/definition.js';
import { stepOf } from '../../src/workflows/engine/definition-index.js';
import type { Advance, Outcome } from '../../src/workflows/engine/outcome.js';
import { initialState, type ExecutionState, type StepRunKey } from '../../src/workflows/engine/state.js';
import type { ExecutionStatus } from '../../src/workflows/engine/status.js';
import { environmentOf, resultOf } from '../../src/workflows/executions/step-end.js';
import { deliveryToParent } from '../../src/workflows/executions/parent-delivery.js';
import { childName, FAILURES, placeOf, planned } from './plans.js';
import type { Program } from './programs.js';

/** What an execution comes to when nothing goes wrong. */
export interface Meaning {
  readonly status: ExecutionStatus;
  readonly errorMessage: string | null;
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
  readonly input: JsonValue;
}

const MAX_TURNS = 5_000;

/** Runs an execution without store, queue, workers or faults: the engine alone, one outcome after the other. */
export class PlainRun {
  private state: ExecutionState;
  private errorMessage: string | null = null;
  private waiting: Waiting[] = [];
  private now = 0;
  private isStatusSure: boolean;
  private isWholeSure = true;
  private readonly nths = new Map<string, number>();

  constructor(
    private readonly world: { readonly seed: string; readonly programs: readonly Program[] },
    private readonly execution: { readonly id: string; readonly program: Program },
    variables: JsonObject,
  ) {
    this.state = initialState(variables);
    this.isStatusSure = !execution.program.isRace;
  }

  toTheEnd(): Meaning {
    this.take(this.advance({ kind: 'started' }));
    for (let turn = 0; this.waiting.length > 0 && turn < MAX_TURNS; turn++) {
      const next = this.waiting.reduce((first, run) => (run.at < first.at ? run : first));
      this.now = next.at;
      this.waiting = this.waiting.filter((other) => other !== next);
      this.take(this.advance(this.outcomeOf(next)));
    }
    const { errorMessage, isStatusSure } = this;
    const { status, outputs, visits } = this.state;
    const isWholeSure = this.isWholeSure && isStatusSure && status === 'completed';
    return { status, errorMessage, outputs, visits, isStatusSure, isWholeSure };
  }

  private advance(outcome: Outcome): Advance {
    const { id, program } = this.execution;
    const now = new Date(this.now).toISOString();
    return advance(program.definition, this.state, outcome, environmentOf({ id, now }));
  }

  private take(advanced: Advance): void {
    const { state, starts, retried } = advanced;
    this.state = state;
    this.errorMessage = advanced.ended?.errorMessage ?? null;
    this.isStatusSure &&= !this.breaksOthers(advanced);
    const inputs = new Map(this.waiting.map((run) => [keyOf(run), run.input]));
    const again = retried.map((run) => ({ ...run, input: inputs.get(keyOf(run)) }));
    const begun = [...starts, ...again].flatMap(({ stepId, scope, visit, attempt, delayMs, input = null }) => {
      const type = this.typeOf(stepId);
      if (isGroup(type)) return [];
      const isAwaited = type === 'wait_for_event' || type === 'human_task';
      return [{ stepId, scope, visit, attempt, input, at: this.now + (isAwaited ? 1 : (delayMs ?? 0)) }];
    });
    const open = new Set(state.open.map(keyOf));
    this.waiting = [...this.waiting, ...begun].filter((run) => open.has(keyOf(run)));
  }

  /** Whether something within branches or items broke what is around it: then others there came to their end, or not. */
  private breaksOthers({ finished, ended, state }: Advance): boolean {
    const isStop = ended?.status === 'failed' || state.status === 'compensating';
    const isBroken = (run: Advance['finished'][number]): boolean =>
      run.status === 'cancelled' || (run.status === 'failed' && isGroup(this.typeOf(run.stepId)));
    return (isStop && finished[0]?.scope !== '') || finished.some(isBroken);
  }

  private outcomeOf(run: Waiting): Outcome {
    const { stepId, scope, visit } = run;
    const key = { stepId, scope, visit };
    const type = this.typeOf(stepId);
    if (type === 'delay') return { kind: 'step-due', ...key };
    if (type === 'subworkflow') return this.outcomeOfChild(run);
    if (type !== 'action') return { kind: 'step-completed', ...key, output: {} };
    const { seed } = this.world;
    const place = { stepId, place: placeOf(scope), nth: this.nthOf(run), attempt: run.attempt };
    const { plan, output } = planned(`${seed} ${this.execution.id}`, place);
    if (!plan.failure) return { kind: 'step-completed', ...key, output };
    return { kind: 'step-failed', ...key, attempt: run.attempt, error: FAILURES[plan.failure] };
  }

  private outcomeOfChild(run: Waiting): Outcome {
    const { stepId, scope, visit, attempt } = run;
    const { workflow, variables } = run.input as { workflow: string; variables: JsonObject };
    const program = this.world.programs.find(({ definition }) => definition.name === workflow)!;
    const id = childName(this.execution.id, { stepId, place: placeOf(scope), nth: this.nthOf(run) });
    const { status, errorMessage, outputs, ...sure } = new PlainRun(this.world, { id, program }, variables).toTheEnd();
    this.isStatusSure &&= sure.isStatusSure;
    this.isWholeSure &&= sure.isWholeSure;
    const change = { isFinal: true, status, state: { outputs }, errorMessage };
    const result = resultOf(deliveryToParent({ id, parentStepRunId: '' }, change)!);
    return { ...result, stepId, scope, visit, attempt } as Outcome;
  }

  /** Which visit of the step in its place it is. */
  private nthOf(run: StepRunKey): number {
    const key = keyOf(run);
    const place = `${run.stepId} ${placeOf(run.scope)}`;
    const known = this.nths.get(key);
    if (known !== undefined) return known;
    const nth = (this.nths.get(place) ?? 0) + 1;
    this.nths.set(place, nth).set(key, nth);
    return nth;
  }

  private typeOf(stepId: string): StepType {
    return stepOf(this.execution.program.definition, stepId).type;
  }
}

const isGroup = (type: StepType): boolean => type === 'parallel' || type === 'for_each';

const keyOf = ({ stepId, scope, visit }: StepRunKey): string => `${stepId}|${scope}|${visit}`;
