import { applyDecorators, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiProperty, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { Message } from './envelope.js';
import { PROBLEM_TYPE } from './problem.js';

/** Position in a list as the envelope gives it. */
export class Pagination {
  @ApiProperty({ type: 'integer', description: 'Items on one page', example: 50 })
  readonly limit!: number;

  @ApiProperty({ type: 'integer', description: 'Items in all; for numbered pages', example: 118, required: false })
  readonly total?: number;

  @ApiProperty({ type: 'integer', description: 'Number of this page', example: 1, required: false })
  readonly page?: number;

  @ApiProperty({ type: 'integer', description: 'How many pages there are', example: 3, required: false })
  readonly pages?: number;

  @ApiProperty({ description: 'Send it as `cursor` to go on', example: 'WyIyMDI2LTExLTIyIl0', required: false })
  readonly nextCursor?: string;
}

export interface ApiDataOptions {
  /** `items` for a plain list, `page` for one with pagination. */
  readonly list?: 'items' | 'page';
  /** 200 unless given. */
  readonly status?: 200 | 201 | 202;
}

const success = { type: 'boolean', enum: [true] };

/** Documents a success: the model in the envelope. */
export function ApiData(model: Type<unknown>, { list, status = 200 }: ApiDataOptions = {}): MethodDecorator {
  const reference = { $ref: getSchemaPath(model) };
  const hasPages = list === 'page';
  return applyDecorators(
    ApiExtraModels(model, ...(hasPages ? [Pagination] : [])),
    ApiResponse({
      status,
      description: 'Done.',
      schema: {
        type: 'object',
        required: ['success', 'data', ...(hasPages ? ['pagination'] : [])],
        properties: {
          success,
          data: list ? { type: 'array', items: reference } : reference,
          ...(hasPages && { pagination: { $ref: getSchemaPath(Pagination) } }),
        },
      },
    }),
  );
}

/** Documents a success without data: a message in the envelope. */
export const ApiMessage = (status: 200 | 201 | 202 = 200): MethodDecorator =>
  applyDecorators(
    ApiExtraModels(Message),
    ApiResponse({
      status,
      description: 'Done.',
      schema: {
        allOf: [{ type: 'object', required: ['success'], properties: { success } }, { $ref: getSchemaPath(Message) }],
      },
    }),
  );

/** What a problem of each status means, in the document. */
export const problemMeanings = {
  400: 'The request cannot be read: form, fields, headers or URL are wrong.',
  401: 'Nobody is signed in.',
  403: 'The permission is missing.',
  404: 'There is no such thing in this organization.',
  409: 'The present state does not allow it.',
  412: 'Somebody else changed it since.',
  413: 'The body is too large.',
  415: 'The media type is not taken.',
  422: 'The content does not make sense.',
  429: 'Too many calls.',
  503: 'A part that is needed is away.',
} as const;

export type ProblemStatus = keyof typeof problemMeanings;

/** The document's entry of a problem. */
export const problemAnswer = (
  status: ProblemStatus,
): { description: string; content: Record<string, { schema: { $ref: string } }> } => ({
  description: problemMeanings[status],
  content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
});

/** Documents the problems of one route; 400, 401, 403, 422, 429 and 503 come by themselves where they apply. */
export const ApiProblems = (...problems: readonly ProblemStatus[]): MethodDecorator & ClassDecorator =>
  applyDecorators(...problems.map((status) => ApiResponse({ status, ...problemAnswer(status) })));
