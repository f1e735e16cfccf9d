import type { DomainEvent } from '../../kernel/domain-event.js';
import type { JsonObject } from '../../kernel/json.js';
import type { Advance } from '../engine/outcome.js';
import type { WorkflowDefinition } from '../engine/definition.js';
import type { OpenStepRun, StepError } from '../engine/state.js';

/** Which workflow an execution runs. */
export interface ExecutedWorkflow {
  readonly workflowId: string;
  readonly definitionVersion: number;
  readonly definition: WorkflowDefinition;
}

const event = (type: string, payload: JsonObject): DomainEvent => ({ type: `workflows.${type}`, version: 1, payload });

/** The start of an execution; `id` is known beforehand, because everything that follows is caused by it. */
export const executionStarted = (id: string, executed: ExecutedWorkflow): DomainEvent => ({
  ...event('execution-started', describeWorkflow(executed)),
  id,
});

export const cancelRequested = (executed: ExecutedWorkflow): DomainEvent =>
  event('execution-cancel-requested', describeWorkflow(executed));

/** What a transition tells: the visits that ended, attempts that are made again, the end of the whole. */
export function transitionEvents(executed: ExecutedWorkflow, advance: Advance): DomainEvent[] {
  const { definition } = executed;
  const visits = [
    ...advance.retried.map((retried) => stepEvent(definition, { ...retried, attempt: retried.attempt - 1 }, true)),
    ...advance.finished
      .filter(({ status }) => status !== 'cancelled')
      .map((finished) => stepEvent(definition, finished, false)),
    ...advance.passed.map((passed) => stepEvent(definition, { ...passed, attempt: 1 }, false)),
  ];
  const { ended } = advance;
  if (!ended) return visits;
  const failure: JsonObject = ended.errorMessage === undefined ? {} : { error: ended.errorMessage };
  return [...visits, event(`execution-${ended.status}`, { ...describeWorkflow(executed), ...failure })];
}

interface EndedVisit extends OpenStepRun {
  readonly error?: StepError;
}

function stepEvent(definition: WorkflowDefinition, ended: EndedVisit, isRetried: boolean): DomainEvent {
  const { stepId, visit, attempt, error } = ended;
  const stepName = definition.steps.find((step) => step.id === stepId)?.name ?? stepId;
  const place = { stepId, stepName, visit, attempt };
  if (!error) return event('step-completed', place);
  return event('step-failed', { ...place, code: error.code, message: error.message, isRetried });
}

const describeWorkflow = ({ workflowId, definitionVersion, definition }: ExecutedWorkflow): JsonObject => ({
  workflowId,
  name: definition.name,
  version: definitionVersion,
});
