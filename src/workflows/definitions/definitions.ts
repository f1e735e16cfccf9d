import { LRUCache } from 'lru-cache';
import { notFound } from '../../kernel/domain-error.js';
import type { Configuration } from '../../platform/config/configuration.js';
import type { Sql } from '../../platform/database/sql.js';
import { withDefaults } from '../engine/definition.js';
import type { WorkflowDefinition, WorkflowDraft, WorkflowSettings } from '../engine/definition.js';

const MAX_DEFINITIONS = 1_000;

/** The settings of a workflow that names none: this installation's. */
export const settingsOf = (
  configuration: Pick<Configuration, 'WORKFLOW_TIMEOUT' | 'WORKFLOW_RETRY_ATTEMPTS' | 'WORKFLOW_MAX_CONCURRENT'>,
): WorkflowSettings => ({
  timeoutMs: configuration.WORKFLOW_TIMEOUT,
  retryAttempts: configuration.WORKFLOW_RETRY_ATTEMPTS,
  maxConcurrentExecutions: configuration.WORKFLOW_MAX_CONCURRENT,
});

/** The versions that executions run, filled in and kept in memory: they never change. */
export class Definitions {
  private readonly known = new LRUCache<string, WorkflowDefinition>({ max: MAX_DEFINITIONS });

  constructor(
    private readonly sql: Sql,
    readonly settings: WorkflowSettings,
  ) {}

  /** @throws not-found */
  async get(organizationId: string, workflowId: string, version: number): Promise<WorkflowDefinition> {
    const key = `${workflowId} ${version}`;
    const known = this.known.get(`${organizationId} ${key}`);
    if (known) return known;
    const [row] = await this.sql.read<{ definition: WorkflowDraft }>(
      organizationId,
      'select definition from workflow_versions where organization_id = $1 and workflow_id = $2 and version = $3',
      [organizationId, workflowId, version],
    );
    if (!row) throw notFound('The workflow version', key);
    const definition = withDefaults(row.definition, this.settings);
    this.known.set(`${organizationId} ${key}`, definition);
    return definition;
  }
}
