import type { DomainEvent } from '../../kernel/domain-event.js';
import type { JsonObject } from '../../kernel/json.js';
import type { WorkflowDefinition } from '../engine/definition.js';
import { stepOf } from '../engine/definition-index.js';
import type { Advance, FinishedStep } from '../engine/outcome.js';
import { endedVisits, type EndedVisit } from './ended-visits.js';
import { noticeEvents, taskEvents, type TaskRun } from './tasks/task-events.js';
import type { TransitionChange } from './transition-change.js';

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

/** What somebody asked of an execution: to stop, or to go on after it failed. */
export const executionRequested = (
  request: 'cancel' | 'retry',
  executed: ExecutedWorkflow,
  details: JsonObject = {},
): DomainEvent => event(`execution-${request}-requested`, { ...describeWorkflow(executed), ...details });

/** A transition as it is told: what it writes, and the run that it gives a notice of. */
export interface ToldTransition {
  readonly advance: Advance;
  readonly change: TransitionChange;
  /** The run that ended or whose timer came; of a transition from outside there is none. */
  readonly held?: TaskRun;
}

/** What a transition tells: visits that ended, attempts that are made again, tasks and notices, the end of the whole. */
export function transitionEvents(executed: ExecutedWorkflow, told: ToldTransition): DomainEvent[] {
  const { definition } = executed;
  const { retried, ended } = told.advance;
  const visits = [
    ...retried.map((run) => stepEvent(definition, { ...run, status: 'failed', attempt: run.attempt - 1 }, true)),
    ...endedVisits(told.advance).flatMap((run) => [stepEvent(definition, run), ...leftBehind(definition, run)]),
    ...taskEvents(told.change),
    ...noticeEvents(told.advance, told.held),
  ];
  if (!ended) return visits;
  const failure: JsonObject = ended.errorMessage === undefined ? {} : { error: ended.errorMessage };
  return [...visits, event(`execution-${ended.status}`, { ...describeWorkflow(executed), ...failure })];
}

type ToldVisit = Pick<EndedVisit, 'stepId' | 'scope' | 'visit' | 'attempt' | 'status' | 'error'>;

function stepEvent(definition: WorkflowDefinition, ended: ToldVisit, isRetried = false): DomainEvent {
  const { stepId, scope, visit, attempt, status, error } = ended;
  const stepName = stepOf(definition, stepId).name;
  const place = { stepId, stepName, ...(scope !== '' && { scope }), visit, attempt };
  if (!error) return event(`step-${status}`, place);
  return event('step-failed', { ...place, code: error.code, message: error.message, isRetried });
}

/** The execution that a cancelled step waited for is cancelled by a reaction to this. */
const leftBehind = (definition: WorkflowDefinition, { stepId, scope, visit, status }: FinishedStep): DomainEvent[] =>
  status === 'cancelled' && stepOf(definition, stepId).type === 'subworkflow'
    ? [event('subworkflow-left', { stepId, scope, visit })]
    : [];

const describeWorkflow = ({ workflowId, definitionVersion, definition }: ExecutedWorkflow): JsonObject => ({
  workflowId,
  name: definition.name,
  version: definitionVersion,
});
