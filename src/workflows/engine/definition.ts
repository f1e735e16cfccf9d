import type { JsonObject, JsonValue } from '../../kernel/json.js';

/** Started by a call, or by a rule. */
export interface ManualTrigger {
  readonly type: 'manual';
}

/** Started by each published event of this type for which the JSONLogic `filter` over the event holds, or by each. */
export interface EventTrigger {
  readonly type: 'event';
  readonly eventType: string;
  readonly filter?: JsonValue;
}

export type Trigger = ManualTrigger | EventTrigger;

export type VariableType = 'string' | 'number' | 'boolean' | 'object' | 'array';

/** An input of the workflow. Left out and not required, it has its default, or null. */
export interface Variable {
  readonly name: string;
  readonly type: VariableType;
  readonly required?: boolean;
  readonly default?: JsonValue;
}

/** How often and how soon a failed step is tried again. */
export interface RetryPolicy {
  /** Tries after the first one, 0 to 100. */
  readonly attempts: number;
  readonly backoff: 'fixed' | 'exponential';
  /** Milliseconds before the first retry, 0 to one day; exponential doubles it each time, up to one day. */
  readonly delayMs: number;
  /** Error codes that no retry can cure. */
  readonly nonRetryableCodes?: readonly string[];
}

/** What happens when a step has failed for good. `continue` goes on as if it had succeeded; a condition then does not hold. */
export interface ErrorHandling {
  readonly retry?: RetryPolicy;
  readonly then: 'fail' | 'continue' | 'goto';
  /** The step to go on with, with `then: 'goto'` alone. */
  readonly goto?: string;
}

/** A condition as its author wrote it: JSONLogic, or field conditions read left to right. */
export type ConditionForm = { readonly condition: JsonValue } | { readonly conditions: readonly JsonValue[] };

interface StepFrame {
  readonly id: string;
  readonly name: string;
  /** At most one entry for the types there are; none ends the branch. */
  readonly nextSteps: readonly string[];
  readonly onError?: ErrorHandling;
}

/** Runs one registered action with templated parameters. */
export interface ActionStep extends StepFrame {
  readonly type: 'action';
  readonly configuration: { readonly action: string; readonly parameters?: JsonObject };
}

/** Waits: for a number of days or an ISO 8601 duration, or until an instant. Each may be a placeholder. */
export interface DelayStep extends StepFrame {
  readonly type: 'delay';
  readonly configuration: { readonly duration: number | string } | { readonly until: string };
}

/** Branches to the step `when` or `otherwise`; the one left out goes on with `nextSteps`. */
export interface ConditionStep extends StepFrame {
  readonly type: 'condition';
  readonly configuration: ConditionForm & { readonly when?: string; readonly otherwise?: string };
}

export type Step = ActionStep | DelayStep | ConditionStep;

export interface WorkflowSettings {
  /** Milliseconds of active time, waiting not counted, after which an execution fails. */
  readonly timeoutMs: number;
  /** Retries of a step whose `onError` names no retry policy of its own. */
  readonly retryAttempts: number;
  /** Executions of this workflow that may run a step at the same time. */
  readonly maxConcurrentExecutions: number;
}

/** A workflow that can run: valid, every default filled in. The first of `steps` starts. */
export interface WorkflowDefinition {
  readonly name: string;
  readonly description?: string;
  readonly trigger: Trigger;
  readonly variables: readonly Variable[];
  readonly steps: readonly Step[];
  readonly settings: WorkflowSettings;
}

type StepDraft<S extends Step = Step> = S extends Step
  ? Omit<S, 'nextSteps'> & { readonly nextSteps?: readonly string[] }
  : never;

/** A workflow as an author may write it: what has a default may be left out. */
export interface WorkflowDraft extends Omit<WorkflowDefinition, 'variables' | 'steps' | 'settings'> {
  readonly variables?: readonly Variable[];
  readonly steps: readonly StepDraft[];
  readonly settings?: Partial<WorkflowSettings>;
}

/** The settings of a workflow that names none. */
export const DEFAULT_SETTINGS: WorkflowSettings = {
  timeoutMs: 300_000,
  retryAttempts: 3,
  maxConcurrentExecutions: 100,
};

/** Fills in everything that was left out; `settings` are this installation's defaults. */
export const withDefaults = (
  draft: WorkflowDraft,
  settings: WorkflowSettings = DEFAULT_SETTINGS,
): WorkflowDefinition => ({
  ...draft,
  variables: draft.variables ?? [],
  steps: draft.steps.map((step) => ({ ...step, nextSteps: step.nextSteps ?? [] })),
  settings: { ...settings, ...draft.settings },
});

/** Names of the variables that an execution has: the declared ones, and `event` when an event starts it. */
export const variableNames = (definition: Pick<WorkflowDefinition, 'trigger' | 'variables'>): ReadonlySet<string> =>
  new Set([
    ...definition.variables.map((variable) => variable.name),
    ...(definition.trigger.type === 'event' ? ['event'] : []),
  ]);
