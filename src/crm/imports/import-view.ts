import type { ImportFormat, ImportStatus } from './lead-import.js';

/** An import as callers see it. */
export interface ImportView {
  readonly id: string;
  readonly version: number;
  readonly status: ImportStatus;
  readonly format: ImportFormat;
  readonly dryRun: boolean;
  /** Rows; what a dry run would have created counts as created. */
  readonly counts: {
    readonly total: number;
    readonly created: number;
    readonly duplicate: number;
    readonly rejected: number;
  };
  /** Share of the rows that were looked at, 0 to 1. */
  readonly progress: number;
  readonly failure: string | null;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

/** The columns of `lead_imports` in the shape of the view. */
export const IMPORT_COLUMNS = `id, version, status, format, is_dry_run as "dryRun",
  json_build_object('total', total, 'created', created, 'duplicate', duplicate, 'rejected', rejected) as counts,
  case when status = 'completed' then 1 when total = 0 then 0
    else trunc((created + duplicate + rejected)::numeric / total, 4)::float8 end as progress,
  failure, created_at as "createdAt", created_by as "createdBy", started_at as "startedAt", finished_at as "finishedAt"`;
