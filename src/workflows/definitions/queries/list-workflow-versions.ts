import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { notFound } from '../../../kernel/domain-error.js';
import { listWindow, type Page, pageOf, type PageRequest } from '../../../kernel/page.js';
import { Sql } from '../../../platform/database/sql.js';
import type { Actor } from '../../../platform/http/actor.js';
import type { WorkflowDraft } from '../../engine/definition.js';

/** One saved version, as its author wrote it. */
export interface WorkflowVersionRow extends Record<string, unknown> {
  readonly version: number;
  readonly definition: WorkflowDraft;
  readonly createdAt: Date;
  readonly createdBy: string;
}

/** The versions of a workflow, newest first; those of an archived one too, because executions refer to them. */
export class ListWorkflowVersions extends Query<Page<WorkflowVersionRow>> {
  constructor(
    readonly actor: Actor,
    readonly workflowId: string,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListWorkflowVersions)
export class ListWorkflowVersionsHandler implements IQueryHandler<ListWorkflowVersions> {
  constructor(private readonly sql: Sql) {}

  /** @throws not-found */
  async execute({ actor, workflowId, page }: ListWorkflowVersions): Promise<Page<WorkflowVersionRow>> {
    const { organizationId } = actor;
    const { take, skip, after } = listWindow(page, 1);
    const [workflow] = await this.sql.read<{ total: number }>(
      organizationId,
      'select definition_version as total from workflows where organization_id = $1 and id = $2',
      [organizationId, workflowId],
    );
    if (!workflow) throw notFound('The workflow', workflowId);
    const rows = await this.sql.read<WorkflowVersionRow>(
      organizationId,
      `select version, definition, created_at as "createdAt", created_by as "createdBy" from workflow_versions
       where organization_id = $1 and workflow_id = $2 and ($3::integer is null or version < $3)
       order by version desc limit ${take} offset ${skip}`,
      [organizationId, workflowId, ...after],
    );
    return pageOf(rows, page, workflow.total, ({ version }) => [version]);
  }
}
