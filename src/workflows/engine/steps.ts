import type { JsonObject, JsonValue } from '../../kernel/json.js';

/** A span of time as an author writes it: a number of days, or ISO 8601 (`P2D`, `PT90S`); may be a placeholder. */
export type DurationForm = number | string;

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

/**
 * What happens when a step has failed for good. `continue` goes on as if it had succeeded; a condition then does not
 * hold. `compensate` undoes the whole execution. `fail` fails whatever encloses the step.
 */
export interface ErrorHandling {
  readonly retry?: RetryPolicy;
  readonly then: 'fail' | 'continue' | 'goto' | 'compensate';
  /** The step to go on with, with `then: 'goto'` alone. */
  readonly goto?: string;
}

/** A condition as its author wrote it: JSONLogic, or field conditions read left to right. */
export type ConditionForm = { readonly condition: JsonValue } | { readonly conditions: readonly JsonValue[] };

interface StepFrame {
  readonly id: string;
  readonly name: string;
  /** At most one entry, but for `parallel`; none ends the region that the step belongs to. */
  readonly nextSteps: readonly string[];
  readonly onError?: ErrorHandling;
  /** Id of the action step that undoes this one. */
  readonly compensation?: string;
}

/** Runs one registered action with templated parameters. */
export interface ActionStep extends StepFrame {
  readonly type: 'action';
  readonly configuration: { readonly action: string; readonly parameters?: JsonObject };
}

/** When something is open; a time outside moves to the next opening. */
export interface BusinessHours {
  /** 1 Monday … 7 Sunday. */
  readonly days: readonly number[];
  /** Local time of opening, `09:00`. */
  readonly from: string;
  /** Local time of closing, later on the same day, `17:00`; at most `24:00`. */
  readonly to: string;
}

/** Waits: for a duration, or until an instant (which may be a placeholder). */
export interface DelayStep extends StepFrame {
  readonly type: 'delay';
  readonly configuration: ({ readonly duration: DurationForm } | { readonly until: string }) & {
    readonly businessHours?: BusinessHours;
    /** IANA name; of the business hours, and of an `until` without a zone. Default UTC. */
    readonly timeZone?: string;
  };
}

/** Branches to the step `when` or `otherwise`; the one left out goes on with `nextSteps`. */
export interface ConditionStep extends StepFrame {
  readonly type: 'condition';
  readonly configuration: ConditionForm & { readonly when?: string; readonly otherwise?: string };
}

/** Runs a branch for each of `nextSteps` (1 to 100); when the join is met, the others are cancelled and `then` begins. */
export interface ParallelStep extends StepFrame {
  readonly type: 'parallel';
  readonly configuration: {
    /** `all` branches must succeed, `any` one, or so many. */
    readonly join: 'all' | 'any' | number;
    readonly then?: string;
  };
}

/** Runs the body that begins at `do` once for each item, at most 1,000. */
export interface ForEachStep extends StepFrame {
  readonly type: 'for_each';
  readonly configuration: {
    /** A list, or a placeholder that gives one. */
    readonly items: JsonValue;
    /** The name under which the body reads its item; default `item`. */
    readonly as?: string;
    readonly do: string;
    /** Items that run at the same time, 1 to 100; default 10. */
    readonly concurrency?: number;
  };
}

/** Waits for a published event. */
export interface WaitForEventStep extends StepFrame {
  readonly type: 'wait_for_event';
  readonly configuration: {
    readonly eventType: string;
    /** What the event must hold: at `field`, a path into the event such as `subject.id`, the value `equals` (templated). */
    readonly match?: { readonly field: string; readonly equals: JsonValue };
    /** JSONLogic over `event` and what templates read. */
    readonly filter?: JsonValue;
    readonly timeout?: DurationForm;
    /** The step to go on with after the timeout; without it the step fails. */
    readonly onTimeout?: string;
  };
}

/** Who is to do a human task: a user, or whoever has a role; each may be a placeholder. */
export interface Assignment {
  readonly assignee?: string;
  readonly role?: string;
}

/** Waits for the result of a person. Durations count from the task's beginning. */
export interface HumanTaskStep extends StepFrame {
  readonly type: 'human_task';
  readonly configuration: Assignment & {
    readonly title: string;
    readonly description?: string;
    /** JSON Schema (draft 2020-12) of the result. */
    readonly form?: JsonObject;
    readonly remindAfter?: DurationForm;
    readonly escalateAfter?: DurationForm;
    /** Who gets the task when it escalates; left out, it stays where it is. */
    readonly escalateTo?: Assignment;
    readonly timeout?: DurationForm;
    /** The step to go on with after the timeout; without it the step fails. */
    readonly onTimeout?: string;
  };
}

/** Runs another workflow and waits for its end. */
export interface SubworkflowStep extends StepFrame {
  readonly type: 'subworkflow';
  readonly configuration: {
    /** Its name. */
    readonly workflow: string;
    readonly variables?: JsonObject;
  };
}

export type Step =
  | ActionStep
  | DelayStep
  | ConditionStep
  | ParallelStep
  | ForEachStep
  | WaitForEventStep
  | HumanTaskStep
  | SubworkflowStep;

export type StepType = Step['type'];
