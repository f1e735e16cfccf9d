import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { Step } from './steps.js';

export type * from './steps.js';

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

/** Started by the clock, at each local time that the cron expression names. */
export interface ScheduleTrigger {
  readonly type: 'schedule';
  /** Five or six fields. */
  readonly cron: string;
  /** IANA name; default UTC. */
  readonly timeZone?: string;
  /** What becomes of times that passed while nobody looked: none, one execution, or one each. Default `once`. */
  readonly missed?: 'skip' | 'once' | 'all';
  /** What each execution is started with. */
  readonly variables?: JsonObject;
}

/** Started by a signed request from outside to the workflow's secret URL. */
export interface WebhookTrigger {
  readonly type: 'webhook';
}

export type Trigger = ManualTrigger | EventTrigger | ScheduleTrigger | WebhookTrigger;

/** The variable that each trigger brings: `event`, `schedule` {scheduledAt, firedAt}, `webhook` {id, receivedAt, body}. */
const TRIGGER_VARIABLES: Readonly<Record<Trigger['type'], readonly string[]>> = {
  manual: [],
  event: ['event'],
  schedule: ['schedule'],
  webhook: ['webhook'],
};

export type VariableType = 'string' | 'number' | 'boolean' | 'object' | 'array';

/** An input of the workflow. Left out and not required, it has its default, or null. */
export interface Variable {
  readonly name: string;
  readonly type: VariableType;
  readonly required?: boolean;
  readonly default?: JsonValue;
}

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

/** Names of the variables that an execution has: the declared ones, and what its trigger brings. */
export const variableNames = (definition: Pick<WorkflowDefinition, 'trigger' | 'variables'>): ReadonlySet<string> =>
  new Set([...definition.variables.map((variable) => variable.name), ...TRIGGER_VARIABLES[definition.trigger.type]]);
