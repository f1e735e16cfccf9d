import { newId } from '../../kernel/id.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { Application, AppliedActionType } from '../../rules/rules.contract.js';
import { assertAssignable } from '../leads/assignees.js';

const UUID = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';
/** ISO 8601 in weeks, days, hours and minutes, as PostgreSQL reads it. */
const DURATION = '^P(?=\\d|T\\d)(\\d{1,3}W)?(\\d{1,4}D)?(T(?=\\d)(\\d{1,4}H)?(\\d{1,4}M)?)?$';

const parametersSchema: JsonObject = {
  type: 'object',
  required: ['title'],
  additionalProperties: false,
  properties: {
    title: { type: 'string', minLength: 1, maxLength: 200 },
    assignee: { type: 'string', pattern: UUID },
    dueIn: {
      oneOf: [
        { type: 'string', pattern: DURATION },
        { type: 'number', minimum: 0, maximum: 3650 },
      ],
    },
    priority: { enum: ['low', 'normal', 'high', 'urgent'] },
  },
};

/**
 * The rule action `create_task {title, assignee?, dueIn?, priority?}`: a task about the decision's subject. `dueIn` is
 * a number of days or an ISO 8601 duration.
 */
export const createTask: AppliedActionType = { type: 'create_task', parametersSchema, apply };

/** @throws invalid `unknown-assignee` */
async function apply({ unit, parameters, subject }: Application): Promise<JsonValue> {
  const { title = null, assignee = null, priority = 'normal', dueIn } = parameters;
  await assertAssignable(unit.em, assignee as string | null);
  const task = { id: newId(), version: 1 };
  const [{ due_at: dueAt }] = await unit.em.execute<[{ due_at: Date | string | null }]>(
    `insert into tasks (organization_id, id, title, status, priority, due_at, assignee_id, subject_type, subject_id, created_at)
     values (?, ?, ?, 'open', ?, app_now() + ?::interval, ?, ?, ?, app_now()) returning due_at`,
    [unit.actor.organizationId, task.id, title, priority, intervalOf(dueIn), assignee, subject.type, subject.id],
  );
  const due = dueAt === null ? null : new Date(dueAt).toISOString();
  const payload = { title, priority, assigneeId: assignee, dueAt: due };
  unit.record('task', task, { type: 'crm.task-created', version: 1, payload });
  return { taskId: task.id };
}

const intervalOf = (dueIn: JsonValue | undefined): string | null =>
  typeof dueIn === 'number' ? `${dueIn} days` : ((dueIn as string | undefined) ?? null);
