import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { SchemaObject } from 'ajv/dist/2020.js';
import type { JsonObject } from '../../kernel/json.js';
import { compiledCheck } from '../../platform/http/compiled-check.js';
import { executeProperties, ExecutionAnswer } from './decisions.dto.js';

/** Contexts that one batch holds at most. */
export const MOST_CONTEXTS = 500;

/** The body of `execute-batch`. */
export interface ExecuteBatchBody {
  readonly entryPoint: string;
  readonly contexts: readonly {
    readonly context: JsonObject;
    readonly subject?: { readonly type: string; readonly id: string };
    readonly correlationId?: string;
  }[];
  readonly dryRun?: boolean;
}

const { entryPoint, context, subject, correlationId, dryRun } = executeProperties;

/** Compiled, as that of `execute`. */
export const executeBatchSchema: SchemaObject = {
  type: 'object',
  additionalProperties: false,
  required: ['entryPoint', 'contexts'],
  properties: {
    entryPoint,
    contexts: {
      type: 'array',
      minItems: 1,
      maxItems: MOST_CONTEXTS,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['context'],
        properties: { context, subject, correlationId },
      },
    },
    dryRun,
  },
  examples: [
    {
      entryPoint: 'crm.lead.created',
      contexts: [{ context: { lead: { company: { name: 'Harvest Table', size: 'enterprise' } } } }],
      dryRun: true,
    },
  ],
};

export const checkExecuteBatchBody = compiledCheck<ExecuteBatchBody>(executeBatchSchema);

/** What became of one context of a batch: what `execute` would have answered for it alone. */
export class BatchResultAnswer {
  @ApiProperty({ description: 'The status that it would have had alone', example: 200 })
  readonly status!: number;

  @ApiPropertyOptional({ description: 'The decision, with status 200', type: ExecutionAnswer })
  readonly execution?: ExecutionAnswer;

  @ApiPropertyOptional({
    description: 'The problem document (RFC 9457), with any other status; its pointers go out from the item',
    type: 'object',
    additionalProperties: true,
    example: {
      status: 422,
      code: 'invalid-context',
      errors: [{ pointer: '#/context/lead', message: 'must be object' }],
    },
  })
  readonly problem?: object;
}

/** The answer of `execute-batch`: 200 although single contexts failed. */
export class ExecutionBatchAnswer {
  @ApiProperty({ description: 'Contexts that were decided', example: 499 })
  readonly succeeded!: number;

  @ApiProperty({ description: 'Contexts that were not', example: 1 })
  readonly failed!: number;

  @ApiProperty({ description: 'One for each context, in their order', type: [BatchResultAnswer] })
  readonly results!: readonly BatchResultAnswer[];
}
