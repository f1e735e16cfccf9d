import { ApiProperty } from '@nestjs/swagger';
import type { JsonObject } from '../../kernel/json.js';
import { IdField, IntegerField } from '../../platform/http/fields.js';

const id = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';
const anyObject = { type: 'object', additionalProperties: true } as const;
const versions = { ...anyObject, additionalProperties: { type: 'integer' } } as const;

export class ExplainQuery {
  @IdField({ description: 'Only this rule', example: id, optional: true })
  readonly ruleId?: string;

  @IntegerField({ description: 'Number of the page', example: 1, minimum: 1, maximum: 10_000, fallback: 1 })
  readonly page!: number;

  @IntegerField({ description: 'Rules on one page', example: 20, minimum: 1, maximum: 100, fallback: 20 })
  readonly limit!: number;
}

const explainedExample = {
  ruleId: id,
  version: 1,
  name: 'Enterprise',
  priority: 0,
  fate: 'unmatched',
  condition: [
    {
      operator: 'equals',
      pointer: '#/conditions/0',
      state: 'false',
      value: false,
      parts: [
        {
          operator: 'field',
          pointer: '#/conditions/0/field',
          state: 'true',
          value: 'small',
          reads: [{ path: 'lead.company.size', value: 'small' }],
        },
      ],
    },
  ],
  counterfactual: { found: true, changes: [{ path: 'lead.company.size', from: 'small', to: 'enterprise' }] },
};

/** The answer of `explain`. */
export class ExplanationAnswer {
  @ApiProperty({ description: 'The decision', example: id, format: 'uuid' })
  readonly executionId!: string;

  @ApiProperty({ description: 'Where it was decided', example: 'crm.lead.created' })
  readonly entryPoint!: string;

  @ApiProperty({ description: 'Revision of the rule set that was in force', example: 7 })
  readonly ruleSetRevision!: number;

  @ApiProperty({
    description: 'What was decided',
    enum: ['allow', 'deny', 'review', 'effects_rolled_back'],
    example: 'allow',
  })
  readonly outcome!: string;

  @ApiProperty({
    description: 'Whether values are gone for ever; then only the states of the conditions are told',
    example: false,
  })
  readonly isErased!: boolean;

  @ApiProperty({
    description:
      'Version of the engine’s semantics; when they differ, states tell of the recorded, values of the current',
    ...versions,
    example: { recorded: 1, current: 1 },
  })
  readonly semanticsVersion!: { readonly recorded: number; readonly current: number };

  @ApiProperty({
    description:
      'Rules of the revision by what became of them: matched, failed, unmatched, not_candidate, not_recorded, ' +
      'outside_validity, after_stop, disabled',
    ...versions,
    example: { matched: 1, unmatched: 2 },
  })
  readonly fates!: JsonObject;

  @ApiProperty({
    description:
      'Those that matched or failed first. `condition` tells of each operation its state, its value and what it read ' +
      '(*** where the reader may not see it), `key` why a rule was no candidate, `counterfactual` the fewest changes ' +
      'that would have made it match',
    type: 'array',
    items: anyObject,
    example: [explainedExample],
  })
  readonly rules!: readonly unknown[];

  @ApiProperty({ description: 'Number of this page', example: 1 })
  readonly page!: number;

  @ApiProperty({ description: 'How many pages there are', example: 1 })
  readonly pages!: number;
}

/** The answer of `replay`. */
export class ReplayAnswer {
  @ApiProperty({ description: 'The decision', example: id, format: 'uuid' })
  readonly executionId!: string;

  @ApiProperty({ description: 'Revision of the rule set that it was taken by, then and now', example: 7 })
  readonly ruleSetRevision!: number;

  @ApiProperty({
    description: 'Whether outcome, matched rules, effects and errors are the same, byte by byte; null: cannot be said',
    type: 'boolean',
    nullable: true,
    example: true,
  })
  readonly isEqual!: boolean | null;

  @ApiProperty({
    description:
      'Why it cannot be said: an engine of other semantics recorded it, or values are erased; null when it can',
    enum: ['older_semantics', 'erased', null],
    type: 'string',
    nullable: true,
    example: null,
  })
  readonly reason!: string | null;

  @ApiProperty({
    description: 'Version of the engine’s semantics',
    ...versions,
    example: { recorded: 1, current: 1 },
  })
  readonly semanticsVersion!: { readonly recorded: number; readonly current: number };

  @ApiProperty({
    description:
      'JSON Patch (RFC 6902) from what was recorded to what the replay gave; values are *** for some readers',
    type: 'array',
    items: anyObject,
    example: [],
  })
  readonly difference!: readonly unknown[];
}
