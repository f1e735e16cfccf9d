import type { EntityManager } from '@mikro-orm/postgresql';
import { conflict, notFound } from '../../kernel/domain-error.js';
import { Workflow } from './workflow.js';

/** @throws not-found, also for an archived one */
export async function loadWorkflow(em: EntityManager, id: string): Promise<Workflow> {
  const workflow = await em.findOne(Workflow, { id, archivedAt: null });
  if (!workflow) throw notFound('The workflow', id);
  return workflow;
}

/** The workflow of this name, unless it is archived. */
export async function findWorkflowByName(em: EntityManager, name: string): Promise<Workflow | undefined> {
  const [row] = await em.execute<{ id: string }[]>('select id from workflows where name = ? and archived_at is null', [
    name,
  ]);
  return row && ((await em.findOne(Workflow, { id: row.id })) ?? undefined);
}

/** @throws conflict `workflow-name-taken` */
export async function expectNameFree(em: EntityManager, { id, definition }: Workflow): Promise<void> {
  const other = await findWorkflowByName(em, definition.name);
  if (!other || other.id === id) return;
  throw conflict('workflow-name-taken', `Another workflow is called "${definition.name}"; choose another name.`, {
    workflowId: other.id,
  });
}

/** Keeps the newest definition as an immutable version. */
export async function insertVersion(em: EntityManager, workflow: Workflow): Promise<void> {
  const { organizationId, id, definitionVersion, definition, updatedAt, updatedBy } = workflow;
  await em.flush();
  await em.execute(
    `insert into workflow_versions (organization_id, workflow_id, version, definition, created_at, created_by)
     values (?, ?, ?, ?::jsonb, ?, ?)`,
    [organizationId, id, definitionVersion, JSON.stringify(definition), updatedAt, updatedBy],
  );
}
