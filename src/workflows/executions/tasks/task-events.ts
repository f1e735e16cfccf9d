import type { DomainEvent } from '../../../kernel/domain-event.js';
import type { JsonObject, JsonValue } from '../../../kernel/json.js';
import type { Advance } from '../../engine/outcome.js';
import type { StepRunKey } from '../../engine/state.js';
import type { TransitionChange } from '../transition-change.js';
import type { OpenWait } from './open-wait.js';

/** The step run of a task; its input says what the task is and who has it. */
export interface TaskRun {
  readonly id: string;
  readonly input: JsonValue;
}

const event = (type: string, payload: JsonObject): DomainEvent => ({
  type: `workflows.human-task-${type}`,
  version: 1,
  payload,
});

/** The tasks that a transition gives to people. */
export const taskEvents = ({ tasks }: Pick<TransitionChange, 'tasks'>): DomainEvent[] =>
  tasks.map(({ id, title, assignee, role }) => event('created', { taskId: id, title, assignee, role }));

/** The notices that a transition gives of a task, whose row says who had it before. */
export const noticeEvents = ({ rearmed }: Pick<Advance, 'rearmed'>, held: TaskRun | undefined): DomainEvent[] =>
  rearmed.map(({ notice, task }) => {
    const { title, ...holder } = Object(held?.input) as JsonObject;
    const told = { taskId: held?.id ?? null, title: title ?? null, ...(task ? holderOf(task) : holder) };
    return event(notice === 'reminder' ? 'reminded' : 'escalated', told);
  });

const holderOf = ({ assignee = null, role = null }: { assignee?: string | null; role?: string | null }) => ({
  assignee,
  role,
});

/** The end of a task by the hand of a person. */
export const taskCompleted = (taskId: string, executionId: string): DomainEvent =>
  event('completed', { taskId, executionId });

/** Somebody brought what a visit waited for. */
export const stepResumed = ({ executionId, stepId, scope, visit }: StepRunKey & Pick<OpenWait, 'executionId'>) => ({
  type: 'workflows.step-resumed',
  version: 1,
  payload: { executionId, stepId, scope, visit },
});
