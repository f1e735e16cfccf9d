import { withDefaults } from '../engine/definition.js';
import type { WorkflowDefinition, WorkflowDraft, WorkflowSettings } from '../engine/definition.js';

/** A workflow as it is answered: the definition with its defaults filled in. */
export interface WorkflowAnswer extends WorkflowDefinition {
  readonly id: string;
  /** Number of the definition. */
  readonly version: number;
  readonly enabled: boolean;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly updatedAt: Date;
  readonly updatedBy: string;
}

/** What an answer is made from: the aggregate, or its row. */
export interface WorkflowRow {
  readonly id: string;
  readonly definitionVersion: number;
  readonly definition: WorkflowDraft;
  readonly isEnabled: boolean;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly updatedAt: Date;
  readonly updatedBy: string;
}

export const WORKFLOW_COLUMNS = `id, definition_version as "definitionVersion", definition, is_enabled as "isEnabled",
  created_at as "createdAt", created_by as "createdBy", updated_at as "updatedAt", updated_by as "updatedBy"`;

export const workflowAnswer = (row: WorkflowRow, settings: WorkflowSettings): WorkflowAnswer => ({
  id: row.id,
  version: row.definitionVersion,
  enabled: row.isEnabled,
  ...withDefaults(row.definition, settings),
  createdAt: row.createdAt,
  createdBy: row.createdBy,
  updatedAt: row.updatedAt,
  updatedBy: row.updatedBy,
});
