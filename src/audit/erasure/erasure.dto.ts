import { ApiProperty } from '@nestjs/swagger';
import { IdField, TextField } from '../../platform/http/fields.js';

const id = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';

/** Who is to be erased. */
export class ErasureParameters {
  @TextField({
    description: 'What kind of thing; `organization` for values that are about nobody',
    example: 'lead',
    minLength: 1,
    maxLength: 100,
    pattern: /^[a-z][a-z-]*$/,
  })
  readonly subjectType!: string;

  @IdField({ description: 'Which one', example: id })
  readonly subjectId!: string;
}

/** What became of a subject's sealed values. */
export class ErasureAnswer {
  @ApiProperty({ description: 'What kind of thing', example: 'lead' })
  readonly subjectType!: string;

  @ApiProperty({ description: 'Which one', format: 'uuid', example: id })
  readonly subjectId!: string;

  @ApiProperty({
    description: 'Keys that this call destroyed; 0 when it was done before',
    type: 'integer',
    example: 1,
  })
  readonly destroyedKeys!: number;

  @ApiProperty({
    description: 'When the newest key was destroyed',
    format: 'date-time',
    example: '2026-11-22T09:30:00.000Z',
  })
  readonly erasedAt!: string;
}
