import type { PageRequest } from '../../kernel/page.js';
import { IdField, IntegerField, TextField } from './fields.js';

/** The query of a list route: a numbered page, or the cursor that the answer before gave. */
export class PageQuery implements PageRequest {
  @IntegerField({
    description: 'Number of the page, counted from 1; the answer then tells the total',
    example: 1,
    minimum: 1,
    maximum: 10_000,
    optional: true,
  })
  readonly page?: number;

  @IntegerField({ description: 'Items on one page', example: 50, minimum: 1, maximum: 100, fallback: 50 })
  readonly limit!: number;

  @TextField({
    description: 'The `nextCursor` of the answer before; continues there, whatever was added meanwhile',
    example: 'WyIyMDI2LTExLTIyIl0',
    minLength: 1,
    maxLength: 1000,
    pattern: /^[\w-]+$/,
    optional: true,
  })
  readonly cursor?: string;
}

/** The path of a route about one thing, `/leads/:id`. */
export class IdParameters {
  @IdField({ description: 'Id of the resource', example: '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44' })
  readonly id!: string;
}
