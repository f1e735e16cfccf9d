import { ApiProperty } from '@nestjs/swagger';
import {
  EnumField,
  IdField,
  InstantField,
  IntegerField,
  NestedField,
  NumberField,
  TextField,
} from '../../platform/http/fields.js';
import { PageQuery } from '../../platform/http/page-query.js';
import { MAX_EXAMPLES } from './backtest-result.js';
import { type BacktestScope, type BacktestStatus, backtestStatuses } from './backtest.js';

const id = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';
const MOST = 2_147_483_647;
const DEFAULT_CPU_SHARE = 0.25;
const anyObject = { type: 'object', additionalProperties: true } as const;
const count = (description: string, example: number) => ({ description, example, minimum: 0, maximum: MOST });
const share = { minimum: 0.01, maximum: 1 };

export class StartBacktestBody {
  @InstantField({ description: 'Decisions recorded from then on, inclusive', example: '2026-11-01T00:00:00Z' })
  readonly from!: string;

  @InstantField({ description: 'Until, exclusive; the present when it is later', example: '2026-12-01T00:00:00Z' })
  readonly to!: string;

  @NumberField({
    description: 'Share of the decisions to take; which ones follows from their ids',
    example: 0.1,
    ...share,
    fallback: 1,
  })
  readonly sample!: number;

  @NumberField({
    description: 'Share of one processor that it may use; each slice of work is followed by its pause',
    example: 0.5,
    ...share,
    fallback: DEFAULT_CPU_SHARE,
  })
  readonly cpuShare!: number;

  @TextField({
    description: 'Path into the context; decisions are also counted by its values',
    example: 'lead.company.size',
    minLength: 1,
    maxLength: 200,
    optional: true,
  })
  readonly segmentPath?: string;
}

/** Which decisions to take again, and how fast. */
export const scopeOf = ({ from, to, sample, cpuShare, segmentPath }: StartBacktestBody): BacktestScope => ({
  from: new Date(from),
  to: new Date(to),
  sample,
  cpuShare,
  segmentPath: segmentPath ?? null,
});

export class StartedBacktestAnswer {
  @IdField({ description: 'Id of the back-test, see GET /business-rules/backtests/:id', example: id })
  readonly jobId!: string;
}

export class ListBacktestsQuery extends PageQuery {
  @IdField({ description: 'Only of this rule', example: id, optional: true })
  readonly ruleId?: string;
}

class BeforeAndAfterAnswer {
  @IntegerField(count('By the rules in force', 120))
  readonly before!: number;

  @IntegerField(count('With the draft in place of its rule', 180))
  readonly after!: number;
}

class BacktestResultAnswer {
  @IntegerField(count('Recorded decisions that were taken again', 9000))
  readonly decisions!: number;

  @IntegerField(count('Decisions whose outcome or effects would change', 60))
  readonly changed!: number;

  @IntegerField(count('Decisions left out, because values of theirs are erased', 0))
  readonly erased!: number;

  @NestedField({ description: 'Decisions in which the rule matched', type: () => BeforeAndAfterAnswer })
  readonly matched!: BeforeAndAfterAnswer;

  @NestedField({ description: 'Decisions in which the rule failed', type: () => BeforeAndAfterAnswer })
  readonly failed!: BeforeAndAfterAnswer;

  @ApiProperty({
    description: 'Changed decisions by their outcomes',
    type: 'array',
    items: anyObject,
    example: [{ before: 'allow', after: 'review', decisions: 60 }],
  })
  readonly byOutcome!: readonly unknown[];

  @ApiProperty({
    description: 'Changed decisions by the rules whose effects differ',
    type: 'array',
    items: anyObject,
    example: [{ ruleId: id, changed: 60 }],
  })
  readonly byRule!: readonly unknown[];

  @ApiProperty({
    description: 'Decisions by the value at segmentPath, as JSON; … for all values beyond the first 100',
    type: 'array',
    items: anyObject,
    example: [{ value: '"enterprise"', decisions: 100, changed: 60 }],
  })
  readonly byField!: readonly unknown[];

  @ApiProperty({
    description: `The first ${MAX_EXAMPLES} changed decisions: outcomes, rules that would match in addition or no more, effects`,
    type: 'array',
    items: anyObject,
    example: [
      {
        executionId: id,
        outcome: { before: 'allow', after: 'review' },
        matching: [id],
        notMatching: [],
        effects: [{ ruleId: id, type: 'set_outcome', change: 'added' }],
      },
    ],
  })
  readonly examples!: readonly unknown[];
}

export class BacktestAnswer {
  @IdField({ description: 'UUID v7', example: id })
  readonly id!: string;

  @IntegerField({ description: 'Version', example: 3, minimum: 1, maximum: MOST })
  readonly version!: number;

  @EnumField({ description: 'How far it has come', example: 'running', values: backtestStatuses })
  readonly status!: BacktestStatus;

  @IdField({ description: 'The rule', example: id })
  readonly ruleId!: string;

  @IntegerField({ description: 'Version of the rule that is tried', example: 4, minimum: 1, maximum: MOST })
  readonly ruleVersion!: number;

  @TextField({ description: 'Where it decides', example: 'crm.lead.created', maxLength: 100 })
  readonly entryPoint!: string;

  @IntegerField(count('Revision of the rule set that it is compared with', 7))
  readonly ruleSetRevision!: number;

  @InstantField({ description: 'Decisions from then on, inclusive', example: '2026-11-01T00:00:00.000Z' })
  readonly from!: string;

  @InstantField({ description: 'Until, exclusive', example: '2026-12-01T00:00:00.000Z' })
  readonly to!: string;

  @NumberField({ description: 'Share of the decisions', example: 1, ...share })
  readonly sample!: number;

  @NumberField({ description: 'Share of one processor that it may use', example: DEFAULT_CPU_SHARE, ...share })
  readonly cpuShare!: number;

  @TextField({
    description: 'Path that decisions are counted by',
    example: 'lead.company.size',
    maxLength: 200,
    nullable: true,
  })
  readonly segmentPath!: string | null;

  @NumberField({ description: 'Share of the span that was looked at', example: 0.5, minimum: 0, maximum: 1 })
  readonly progress!: number;

  @NestedField({ description: 'What was found so far', type: () => BacktestResultAnswer })
  readonly result!: BacktestResultAnswer;

  @TextField({
    description: 'Why it failed',
    example: 'The process of the back-test died.',
    maxLength: 1000,
    nullable: true,
  })
  readonly failure!: string | null;

  @InstantField({ description: 'When it was asked for', example: '2026-12-01T09:30:00.000Z' })
  readonly createdAt!: string;

  @IdField({ description: 'By whom', example: id })
  readonly createdBy!: string;

  @InstantField({ description: 'When it began', example: '2026-12-01T09:30:01.000Z', nullable: true })
  readonly startedAt!: string | null;

  @InstantField({ description: 'When it was over', example: '2026-12-01T09:31:00.000Z', nullable: true })
  readonly finishedAt!: string | null;
}
