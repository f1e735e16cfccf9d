import type { JsonObject, JsonValue } from '../../../../kernel/json.js';

export const taskStatuses = ['open', 'completed', 'cancelled', 'timed_out'] as const;

/** Where a task stands; timed out: its step went on without a result. */
export type TaskStatus = (typeof taskStatuses)[number];

/** A task that a workflow gave to people. */
export interface HumanTaskAnswer {
  readonly id: string;
  readonly executionId: string;
  readonly workflowId: string;
  readonly stepId: string;
  readonly scope: string;
  readonly title: string;
  readonly description: string | null;
  readonly assignee: string | null;
  readonly role: string | null;
  /** JSON Schema of the result; null takes any. */
  readonly form: JsonObject | null;
  readonly status: TaskStatus;
  readonly result: JsonValue;
  readonly createdAt: Date;
  readonly remindedAt: Date | null;
  readonly escalatedAt: Date | null;
  readonly endedAt: Date | null;
  readonly completedBy: string | null;
}

/** Of `human_tasks task` joined with its run. */
export const TASK_COLUMNS = `task.id, task.execution_id as "executionId", run.workflow_id as "workflowId",
  run.step_id as "stepId", run.scope, task.title, task.description, task.assignee, task.role, task.form, task.status,
  task.result, task.created_at as "createdAt", task.reminded_at as "remindedAt", task.escalated_at as "escalatedAt",
  task.ended_at as "endedAt", task.completed_by as "completedBy"`;

export const TASKS = `human_tasks task
  join workflow_step_runs run on run.organization_id = task.organization_id and run.id = task.id`;
