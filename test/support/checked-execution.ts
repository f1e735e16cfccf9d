import { expect } from '@jest/globals';
import type { JsonValue } from '../../src/kernel/json.js';
import { advance } from '../../src/workflows/engine/advance.js';
import type { Step, WorkflowDefinition } from '../../src/workflows/engine/definition.js';
import { edgesOf } from '../../src/workflows/engine/graph.js';
import type { UncheckedStep } from '../../src/workflows/engine/graph.js';
import type { Advance, Outcome } from '../../src/workflows/engine/outcome.js';
import { runName } from '../../src/workflows/engine/run-name.js';
import { initialState } from '../../src/workflows/engine/state.js';
import type { ExecutionState, OpenStepRun, StepError, StepRunKey } from '../../src/workflows/engine/state.js';
import { isFinal, STATUS_TRANSITIONS } from '../../src/workflows/engine/status.js';
import type { Environment } from '../../src/workflows/engine/transition.js';

/** Decides the conditions of generated workflows: literals, and how often a loop ran. */
export const evaluateGenerated: Environment['evaluate'] = (form, scope) => {
  const condition = 'condition' in form ? form.condition : false;
  if (typeof condition !== 'object' || condition === null) return condition === true;
  const [{ var: path }, times] = (condition as unknown as { '<': [{ var: string }, number] })['<'];
  let value: unknown = scope;
  for (const key of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[key];
  return Number(value ?? 0) < times;
};

const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
};

/** A visit with what it was begun with. */
interface Row extends OpenStepRun {
  readonly input?: JsonValue;
}

/**
 * An execution whose every transition is checked against what must always hold; its state goes through JSON each time,
 * as through a store, and the rows that the transitions tell of are kept as a store would.
 */
export class CheckedExecution {
  readonly outcomes: Outcome[] = [];
  readonly rows = new Map<string, Row>();
  readonly ended: string[] = [];
  state: ExecutionState = freeze(initialState({}));
  now = Date.UTC(2026, 10, 22);
  private readonly steps: ReadonlyMap<string, Step>;
  private readonly undoing: ReadonlySet<string>;
  private readonly visits = new Map<string, number>();
  /** Completed visits that are to be undone, the last one last. */
  private undo: string[] = [];

  constructor(readonly definition: WorkflowDefinition) {
    this.steps = new Map(definition.steps.map((step) => [step.id, step]));
    this.undoing = new Set(definition.steps.flatMap(({ compensation = [] }) => compensation));
  }

  /** The open visits that an outcome from outside can end. */
  get leaves(): Row[] {
    return [...this.rows.values()].filter(({ stepId }) => !['parallel', 'for_each'].includes(this.stepOf(stepId).type));
  }

  stepOf(id: string): Step {
    const step = this.steps.get(id);
    if (!step) throw new Error(`no step ${id}`);
    return step;
  }

  /** Whether a visit undoes another. */
  undoes(run: StepRunKey): boolean {
    return this.undoing.has(run.stepId);
  }

  /** The first open visit of a step. */
  openRun(stepId: string): Row {
    const run = this.leaves.find((row) => row.stepId === stepId);
    if (!run) throw new Error(`${stepId} is not open, but ${[...this.rows.keys()].join(', ')}`);
    return run;
  }

  /** Ends the first open visit of a step with what it gave. */
  complete(stepId: string, output: JsonValue = null): Advance {
    const { scope, visit } = this.openRun(stepId);
    return this.deliver({ kind: 'step-completed', stepId, scope, visit, output });
  }

  /** Fails the present attempt of the first open visit of a step. */
  fail(stepId: string, error: Partial<StepError> = {}): Advance {
    const { scope, visit, attempt } = this.openRun(stepId);
    const failure = { code: 'refused', message: 'No.', retryable: false, ...error };
    return this.deliver({ kind: 'step-failed', stepId, scope, visit, attempt, error: failure });
  }

  /** Moves time on, and lets the timer of the first open visit of a step ring. */
  due(stepId: string, afterMs = 0): Advance {
    this.now += afterMs;
    const { scope, visit } = this.openRun(stepId);
    return this.deliver({ kind: 'step-due', stepId, scope, visit });
  }

  deliver(outcome: Outcome): Advance {
    const before = this.state;
    const result = advance(this.definition, before, outcome, this.environment());
    expect(advance(this.definition, before, outcome, this.environment())).toEqual(result);
    if (result.ignored) {
      expect(result).toEqual({
        state: before,
        starts: [],
        retried: [],
        passed: [],
        finished: [],
        rearmed: [],
        ignored: true,
      });
      return result;
    }
    this.outcomes.push(outcome);
    expect([before.status, ...STATUS_TRANSITIONS[before.status]]).toContain(result.state.status);
    const wasOpen = new Map(this.rows);
    this.keepRows(result);
    this.checkAlive(result);
    if (outcome.kind !== 'retry-requested') this.checkOrder(result, wasOpen);
    this.checkUndone(result);
    this.checkGroups(result);
    this.state = freeze(JSON.parse(JSON.stringify(result.state)) as ExecutionState);
    expect(this.state).toEqual(result.state);
    return result;
  }

  private environment(): Environment {
    return { executionId: 'e', now: new Date(this.now), seed: 'x', evaluate: evaluateGenerated };
  }

  /** Every visit is new when it begins, is open until it ends, and ends once. */
  private keepRows({ state, starts, retried, passed, finished, rearmed }: Advance): void {
    for (const { attempt, ...key } of retried) {
      expect(this.rows.get(runName(key))?.attempt).toBe(attempt - 1);
      this.rows.set(runName(key), { ...this.rows.get(runName(key))!, attempt });
    }
    for (const key of rearmed) expect(this.rows.has(runName(key))).toBe(true);
    for (const run of finished) {
      expect(this.rows.delete(runName(run))).toBe(true);
      if (run.status !== 'cancelled') this.ended.push(run.stepId);
    }
    for (const run of [...passed, ...starts]) {
      expect(run.visit).toBeGreaterThan(0);
      expect(this.visits.get(`${run.stepId} ${run.visit}`)).toBeUndefined();
      this.visits.set(`${run.stepId} ${run.visit}`, 1);
    }
    this.ended.push(...passed.map(({ stepId }) => stepId));
    for (const { stepId, scope, visit, attempt, input } of starts) {
      this.rows.set(runName({ stepId, scope, visit }), {
        stepId,
        scope,
        visit,
        attempt,
        ...(input !== undefined && { input }),
      });
    }
    expect(new Set(state.open.map(runName))).toEqual(new Set(this.rows.keys()));
  }

  /** Either it has ended and nothing is open, or something is open that an outcome can end. */
  private checkAlive({ state, ended }: Advance): void {
    expect(ended !== undefined).toBe(isFinal(state.status));
    expect(this.leaves.length > 0).toBe(ended === undefined);
    if (ended) expect(this.rows.size).toBe(0);
  }

  /** Whatever begins follows, by a way of the definition, what has just ended in its scope, or what encloses it. */
  private checkOrder({ starts, passed, finished }: Advance, wasOpen: ReadonlyMap<string, Row>): void {
    const over = [...finished.filter(({ status }) => status !== 'cancelled'), ...passed];
    for (const run of [...passed, ...starts]) {
      if (this.undoes(run) || this.isFirst(run)) continue;
      const follows = over.some(
        (other) => other.scope === run.scope && this.leadsTo(other.stepId, run.stepId, undefined),
      );
      expect(follows || this.isEntered(run, [...wasOpen.keys(), ...[...passed, ...starts].map(runName)])).toBe(true);
    }
  }

  private isFirst({ stepId, scope, visit }: StepRunKey): boolean {
    return stepId === this.definition.steps[0]?.id && scope === '' && visit === 1;
  }

  private isEntered({ stepId, scope }: StepRunKey, owners: readonly string[]): boolean {
    const dot = scope.lastIndexOf('.');
    const owner = scope.slice(0, dot);
    const ownerId = owner.slice(owner.lastIndexOf('/') + 1).split('.')[0]!;
    const part = this.stepOf(ownerId).type === 'for_each' ? 0 : Number(scope.slice(dot + 1));
    return owners.includes(owner) && this.leadsTo(ownerId, stepId, part);
  }

  private leadsTo(from: string, to: string, part: number | undefined): boolean {
    const edges = edgesOf(this.stepOf(from) as unknown as UncheckedStep);
    return edges.some((edge) => edge.to === to && edge.enters === part);
  }

  /** What was done is undone in reverse order, and not before everything else has ended. */
  private checkUndone({ state, starts, passed, finished }: Advance): void {
    for (const run of [...finished, ...passed]) this.keepUndone(run, state.status === 'failed');
    for (const run of starts.filter((start) => this.undoes(start))) {
      expect(run.stepId).toBe(this.undo.at(-1));
      expect(state.status).toBe('compensating');
      expect(this.rows.size).toBe(1);
    }
    if (state.status === 'compensated') expect(this.undo).toEqual([]);
    if (state.status === 'completed') this.undo = [];
  }

  private keepUndone(run: Advance['finished'][number] | Advance['passed'][number], isFailed: boolean): void {
    const step = this.stepOf(run.stepId);
    const status = 'status' in run ? run.status : run.error ? 'failed' : 'completed';
    const isTimedOut = (run.output as { timedOut?: boolean } | null)?.timedOut === true;
    if (status === 'completed' && !isTimedOut)
      this.undo.push(...(step.compensation === undefined ? [] : [step.compensation]));
    if (this.undoes(run) && (status === 'completed' || this.isGivenUp(step, status, isFailed))) this.undo.pop();
  }

  private isGivenUp(step: Step, status: string, isFailed: boolean): boolean {
    return status === 'failed' && step.onError?.then === 'continue' && !isFailed;
  }

  /** A join is met exactly when so many branches have succeeded, and given up when they no longer can. */
  private checkGroups({ state, finished, passed }: Advance): void {
    for (const [name, group] of Object.entries(state.groups)) {
      if (state.status === 'failed') continue;
      const step = this.stepOf(name.slice(name.lastIndexOf('/') + 1).split('.')[0]!);
      const parts = Object.values(state.scopes).filter(({ owner }) => runName(owner) === name).length;
      if (group.kind === 'for_each' && step.type === 'for_each') {
        expect(parts).toBeLessThanOrEqual(step.configuration.concurrency ?? 10);
        expect(group.ended).toBeLessThan(group.items.length);
      } else if (group.kind === 'parallel') {
        const of = (status: string) => group.branches.filter((branch) => branch.status === status).length;
        expect(of('completed')).toBeLessThan(this.neededOf(step));
        expect(of('completed') + of('running')).toBeGreaterThanOrEqual(this.neededOf(step));
        expect(parts).toBe(of('running'));
      }
    }
    for (const run of [...finished, ...passed]) this.checkJoined(run);
  }

  private checkJoined({ stepId, output }: Advance['passed'][number]): void {
    const step = this.stepOf(stepId);
    const { branches } = (output ?? {}) as { branches?: { status: string }[] };
    if (step.type !== 'parallel' || !branches) return;
    expect(branches.filter(({ status }) => status === 'completed')).toHaveLength(this.neededOf(step));
    expect(branches.some(({ status }) => status === 'running')).toBe(false);
  }

  private neededOf(step: Step): number {
    if (step.type !== 'parallel') return 0;
    const { join } = step.configuration;
    return join === 'all' ? step.nextSteps.length : join === 'any' ? 1 : join;
  }
}
