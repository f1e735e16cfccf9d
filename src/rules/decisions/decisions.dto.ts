import type { SchemaObject } from 'ajv/dist/2020.js';
import { ApiProperty } from '@nestjs/swagger';
import { malformed } from '../../kernel/domain-error.js';
import { isObject, type JsonObject, type JsonValue } from '../../kernel/json.js';
import { TakesAliases, underOwnNames } from '../../platform/http/aliases.js';
import { invalidInput } from '../../platform/http/invalid-input.js';
import { sourceNames } from '../source-names.js';
import { IdField, InstantField, IntegerField, JsonField, TextField } from '../../platform/http/fields.js';
import { PageQuery } from '../../platform/http/page-query.js';
import { compiledCheck } from '../../platform/http/compiled-check.js';

const id = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';
const lead = { company: { name: 'Harvest Table', size: 'enterprise' } };

/** The body of `execute`, in its own words or in the sources'. */
export interface ExecuteBody {
  readonly entryPoint?: string;
  readonly context?: JsonObject;
  readonly subject?: { readonly type: string; readonly id: string };
  readonly correlationId?: string;
  readonly dryRun?: boolean;
  readonly entity?: string;
  readonly entityId?: string;
  readonly data?: JsonObject;
}

const name = { type: 'string', minLength: 1, maxLength: 100 };

/** What one decision may be asked for by. */
export const executeProperties = {
  entryPoint: { ...name, description: 'Where to decide' },
  context: {
    type: 'object',
    additionalProperties: true,
    description: 'What to decide about, as the entry point’s schema says',
  },
  subject: {
    type: 'object',
    description: 'The row that effects change; without it they are answered and nothing is written',
    additionalProperties: false,
    required: ['type', 'id'],
    properties: { type: name, id: { type: 'string', format: 'uuid' } },
  },
  correlationId: {
    type: 'string',
    pattern: '^[\\w-]{8,64}$',
    description: 'Recorded with the decision instead of the request’s own',
  },
  dryRun: { type: 'boolean', description: 'Decide without recording or changing anything' },
} as const satisfies SchemaObject;

/** Compiled, because the route is hot and a context must arrive whole, whatever its keys are called. */
export const executeSchema: SchemaObject = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...executeProperties,
    entity: { ...name, description: 'Instead of entryPoint: the entity that has only one' },
    entityId: { type: 'string', format: 'uuid', description: 'Instead of subject, with entity' },
    data: { type: 'object', additionalProperties: true, description: 'Instead of context, with entity' },
  },
  examples: [{ entryPoint: 'crm.lead.created', context: { lead }, dryRun: true }],
};

const checkForm = compiledCheck<ExecuteBody>(executeSchema);
const ownWords = ['entryPoint', 'context', 'subject'] as const;
const wordsOfSources = ['entity', 'data', 'entityId'] as const;

/** The body in one of its two wordings, never mixed. @throws malformed `invalid-body` */
export function checkExecuteBody(body: unknown): ExecuteBody {
  const checked = checkForm(inOwnWords(body));
  const [wanted, others] = checked.entity === undefined ? [ownWords, wordsOfSources] : [wordsOfSources, ownWords];
  const absent = wanted.slice(0, 2).filter((field) => checked[field] === undefined);
  const surplus = others.filter((field) => checked[field] !== undefined);
  if (absent.length + surplus.length === 0) return checked;
  throw malformed('invalid-body', 'Send entryPoint and context, or the sources’ entity and data; not both.', {
    violations: [
      ...absent.map((field) => fault(field, 'is required')),
      ...surplus.map((field) => fault(field, `does not go with ${wanted[0]}`)),
    ],
  });
}

/** The body with the sources' snake_case names under our own. */
function inOwnWords(body: unknown): unknown {
  if (!isObject(body)) return body;
  const { named, faults } = underOwnNames(body, sourceNames);
  if (faults.length > 0) throw invalidInput('body', faults);
  return named;
}

const fault = (field: string, message: string) => ({ pointer: `#/${field}`, message: `${field} ${message}` });

export interface EvaluateBody {
  readonly logic: JsonValue;
  readonly data?: JsonValue;
}

export const evaluateSchema: SchemaObject = {
  type: 'object',
  additionalProperties: false,
  required: ['logic'],
  properties: {
    logic: { description: 'JSONLogic' },
    data: { description: 'What it reads; null when absent' },
  },
  examples: [{ logic: { '>': [{ var: 'total' }, 100] }, data: { total: 120 } }],
};

export const checkEvaluateBody = compiledCheck<EvaluateBody>(evaluateSchema);

/** The body of `test`: the bare context. */
export const testSchema: SchemaObject = { type: 'object', additionalProperties: true, examples: [{ lead }] };

export const checkTestBody = compiledCheck<JsonObject>(testSchema);

const anyObject = { type: 'object', additionalProperties: true } as const;
const effectExample = {
  ruleId: id,
  type: 'adjust_field',
  parameters: { field: 'lead.score', by: 30 },
  status: 'effective',
  applied: false,
};

/** The answer of `execute`. */
export class ExecutionAnswer {
  @ApiProperty({ description: 'Id of the decision, which is also its record’s', example: id, format: 'uuid' })
  readonly executionId!: string;

  @ApiProperty({
    description: 'What was decided',
    enum: ['allow', 'deny', 'review', 'effects_rolled_back', 'too_deep'],
    example: 'allow',
  })
  readonly outcome!: string;

  @ApiProperty({ description: 'Rules whose condition held, in order', type: [String], example: [id] })
  readonly executedRules!: readonly string[];

  @ApiProperty({
    description: 'What their actions want, and whether it was carried out',
    type: 'array',
    items: anyObject,
    example: [effectExample],
  })
  readonly actions!: readonly unknown[];

  @ApiProperty({
    description:
      'Rules that failed; each message begins with the rule’s id. Beyond 100, those that failed for the same reason stand together, with `count` and some `ruleIds`',
    type: 'array',
    items: anyObject,
    example: [],
  })
  readonly errors!: readonly unknown[];

  @ApiProperty({
    description: 'Documents that must be acknowledged first',
    type: 'array',
    items: anyObject,
    example: [],
  })
  readonly acknowledgments!: readonly unknown[];

  @ApiProperty({ description: 'Whether a failed rule closed the decision', example: false })
  readonly blocked!: boolean;

  @ApiProperty({ description: 'Whether the decision was recorded; a dry run is not', example: true })
  readonly recorded!: boolean;

  @ApiProperty({
    description: 'Milliseconds',
    type: 'object',
    additionalProperties: { type: 'number' },
    example: { decisionMs: 0.12 },
  })
  readonly timings!: { readonly decisionMs: number };
}

export class EvaluateAnswer {
  @JsonField({ description: 'What the logic gives; any JSON', example: true })
  readonly result!: JsonValue;
}

/** The answer of `test`. */
export class RuleTestAnswer {
  @ApiProperty({ description: 'False only when something failed', example: true })
  readonly passed!: boolean;

  @ApiProperty({ description: 'Whether the condition holds', example: false })
  readonly conditionResult!: boolean;

  @ApiProperty({ description: 'What the actions would do', type: 'array', items: anyObject, example: [] })
  readonly actionResults!: readonly unknown[];

  @ApiProperty({ description: 'What failed', type: [String], example: [] })
  readonly errors!: readonly string[];
}

@TakesAliases(sourceNames)
export class ExecutionHistoryQuery {
  @IdField({ description: 'Only this rule', example: id, optional: true })
  readonly ruleId?: string;

  @IntegerField({ description: 'Rows', example: 100, minimum: 1, maximum: 100, fallback: 100 })
  readonly limit!: number;
}

export class ListExecutionsQuery extends PageQuery {
  @IdField({ description: 'Only decisions in which this rule matched or failed', example: id, optional: true })
  readonly ruleId?: string;

  @TextField({ description: 'Only this entry point', example: 'crm.lead.created', maxLength: 100, optional: true })
  readonly entryPoint?: string;

  @IdField({ description: 'Only decisions about this subject', example: id, optional: true })
  readonly subjectId?: string;

  @InstantField({ description: 'From, inclusive', example: '2026-11-01T00:00:00Z', optional: true })
  readonly from?: string;

  @InstantField({ description: 'Until, exclusive', example: '2026-12-01T00:00:00Z', optional: true })
  readonly to?: string;
}

/** What one rule did in one decision. */
export class RuleExecutionAnswer {
  @ApiProperty({ description: 'The decision', example: id, format: 'uuid' })
  readonly executionId!: string;

  @ApiProperty({ description: 'The rule', example: id, format: 'uuid' })
  readonly ruleId!: string;

  @ApiProperty({ description: 'Where it was decided', example: 'crm.lead.created' })
  readonly entryPoint!: string;

  @ApiProperty({ description: 'What it was decided over', ...anyObject, example: { lead } })
  readonly contextSnapshot!: JsonObject;

  @ApiProperty({
    description: 'What the rule’s actions did',
    type: 'array',
    items: anyObject,
    example: [effectExample],
  })
  readonly actionsResult!: readonly unknown[];

  @ApiProperty({ description: 'What became of the rule', enum: ['matched', 'failed'], example: 'matched' })
  readonly outcome!: string;

  @ApiProperty({ description: 'Milliseconds that the whole decision took', example: 0.12 })
  readonly executionTimeMs!: number;

  @ApiProperty({ description: 'When it was decided', example: '2026-11-22T09:30:00.000Z', format: 'date-time' })
  readonly createdAt!: string;
}

/** A recorded decision. */
export class RecordedExecutionAnswer {
  @ApiProperty({ description: 'Id of the decision', example: id, format: 'uuid' })
  readonly id!: string;

  @ApiProperty({ description: 'What it was about', ...anyObject, example: { type: 'lead', id } })
  readonly subject!: JsonObject;

  @ApiProperty({ description: 'The trail it belongs to', example: id })
  readonly correlationId!: string;

  @ApiProperty({ description: 'The event that caused it', type: 'string', nullable: true, example: null })
  readonly causationId!: string | null;

  @ApiProperty({
    description: 'How many events lie between the first cause and it; at 5 its effects are left out',
    example: 0,
  })
  readonly depth!: number;

  @ApiProperty({ description: 'Where it was decided', example: 'crm.lead.created' })
  readonly entryPoint!: string;

  @ApiProperty({ description: 'Revision of the rule set that was in force', example: 7 })
  readonly ruleSetRevision!: number;

  @ApiProperty({ description: 'What it was decided over', ...anyObject, example: { lead } })
  readonly context!: JsonObject;

  @ApiProperty({
    description: 'What else the rules could know',
    ...anyObject,
    example: { now: '2026-11-22T09:30:00.000Z' },
  })
  readonly facts!: JsonObject;

  @ApiProperty({
    description: '[rule, version, outcome, trace] of each candidate',
    type: 'array',
    items: { type: 'array', items: {} },
    example: [[id, 1, 2, 'Cg']],
  })
  readonly candidates!: readonly unknown[];

  @ApiProperty({
    description: 'Effects with what became of them',
    type: 'array',
    items: anyObject,
    example: [effectExample],
  })
  readonly effects!: readonly unknown[];

  @ApiProperty({ description: 'Rules that failed', type: 'array', items: anyObject, example: [] })
  readonly errors!: readonly unknown[];

  @ApiProperty({
    description: 'What was decided',
    enum: ['allow', 'deny', 'review', 'effects_rolled_back', 'too_deep'],
    example: 'allow',
  })
  readonly outcome!: string;

  @ApiProperty({ description: 'Whether a failed rule closed the decision', example: false })
  readonly blocked!: boolean;

  @ApiProperty({ description: 'Microseconds that deciding took', example: 120 })
  readonly durationUs!: number;

  @ApiProperty({ description: 'Version of the engine’s semantics', example: 1 })
  readonly semanticsVersion!: number;

  @ApiProperty({ description: 'When it was decided', example: '2026-11-22T09:30:00.000Z', format: 'date-time' })
  readonly createdAt!: string;
}
