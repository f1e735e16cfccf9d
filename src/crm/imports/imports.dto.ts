import {
  BooleanField,
  EnumField,
  IdField,
  InstantField,
  IntegerField,
  NestedField,
  NumberField,
  TextField,
} from '../../platform/http/fields.js';
import { importFormats, type ImportFormat, importStatuses, type ImportStatus } from './lead-import.js';

const EXAMPLE_ID = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';
const rows = (
  description: string,
  example: number,
): { description: string; example: number; minimum: 0; maximum: number } => ({
  description,
  example,
  minimum: 0,
  maximum: 2_147_483_647,
});

export class ImportQuery {
  @BooleanField({ description: 'Check everything and create nothing', example: true, fallback: false })
  readonly dryRun!: boolean;

  @TextField({
    description: 'Of CSV: a JSON object from column names to fields of a lead, null for a column to leave out',
    example: '{"Company":"company.name","Seats":"requirements.seats","Notes":null}',
    maxLength: 10_000,
    optional: true,
  })
  readonly mapping?: string;
}

export class ReceivedImportAnswer {
  @IdField({ description: 'Id of the import, see GET /leads/imports/:id', example: EXAMPLE_ID })
  readonly jobId!: string;

  @IntegerField(rows('Rows that were received', 9240))
  readonly total!: number;
}

export class ImportErrorsQuery {
  @EnumField({ description: 'Form of the file', example: 'csv', values: importFormats, fallback: 'ndjson' })
  readonly format!: ImportFormat;
}

class ImportCounts {
  @IntegerField(rows('Rows of the upload', 9240))
  readonly total!: number;

  @IntegerField(rows('Leads that were created, or would have been by a dry run', 9000))
  readonly created!: number;

  @IntegerField(rows('Rows that are known already', 200))
  readonly duplicate!: number;

  @IntegerField(rows('Rows that are no lead', 40))
  readonly rejected!: number;
}

export class ImportAnswer {
  @IdField({ description: 'UUID v7', example: EXAMPLE_ID })
  readonly id!: string;

  @IntegerField({ description: 'Version', example: 3, minimum: 1, maximum: 2_147_483_647 })
  readonly version!: number;

  @EnumField({ description: 'How far it has come', example: 'running', values: importStatuses })
  readonly status!: ImportStatus;

  @EnumField({ description: 'Form of the upload', example: 'csv', values: importFormats })
  readonly format!: ImportFormat;

  @BooleanField({ description: 'Whether it only checks', example: false })
  readonly dryRun!: boolean;

  @NestedField({ description: 'What became of the rows', type: () => ImportCounts })
  readonly counts!: ImportCounts;

  @NumberField({ description: 'Share of the rows that were looked at', example: 0.5, minimum: 0, maximum: 1 })
  readonly progress!: number;

  @TextField({ description: 'Why it failed', example: 'The upload broke off.', maxLength: 1000, nullable: true })
  readonly failure!: string | null;

  @InstantField({ description: 'When the upload began', example: '2026-11-22T09:30:00.000Z' })
  readonly createdAt!: string;

  @IdField({ description: 'Who sent it', example: EXAMPLE_ID })
  readonly createdBy!: string;

  @InstantField({
    description: 'When its first row was looked at',
    example: '2026-11-22T09:30:02.000Z',
    nullable: true,
  })
  readonly startedAt!: string | null;

  @InstantField({ description: 'When it was over', example: '2026-11-22T09:30:07.000Z', nullable: true })
  readonly finishedAt!: string | null;
}
