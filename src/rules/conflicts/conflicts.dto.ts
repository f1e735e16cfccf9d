import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { IntegerField, TextField } from '../../platform/http/fields.js';
import type { Conflict, ConflictKind, UndecidedQuestion } from '../engine/conflicts.js';
import type { RuleConflicts } from './queries/find-rule-conflicts.js';

const first = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44';
const second = '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c45';
const kinds = ['never-holds', 'always-holds', 'shadowed', 'contradiction'] as const;
const witness = {
  context: { lead: { score: 81 } },
  facts: { now: '2026-11-22T09:30:00.000Z', user: { id: '', role: '', permissions: [] } },
};

const kindField = {
  description:
    'never-holds: no valid context makes the rule match. always-holds: every one does. shadowed: whenever it would ' +
    'match, rules before it have matched and stopped. contradiction: two rules can both match and differ',
  enum: [...kinds],
  example: 'contradiction',
};

/** The query of the search for conflicts. */
export class ConflictsQuery {
  @TextField({
    description: 'Whose live rules are searched',
    example: 'crm.lead.created',
    minLength: 1,
    maxLength: 100,
  })
  readonly entryPoint!: string;

  @IntegerField({
    description: 'Most conflicts and most open questions in the answer; `counts` tells of all',
    example: 100,
    minimum: 1,
    maximum: 1_000,
    fallback: 100,
  })
  readonly limit!: number;
}

/** A field that two rules set differently. */
export class ContradictedFieldAnswer {
  @ApiProperty({ description: 'Its path; `$outcome` is the outcome of the decision', example: 'lead.score' })
  readonly field!: string;

  @ApiProperty({
    description: 'What the winner sets, and what the other one would',
    type: 'array',
    items: {},
    example: [80, 20],
  })
  readonly values!: readonly JsonValue[];
}

/** Something that is hardly meant. */
export class ConflictAnswer {
  @ApiProperty(kindField)
  readonly kind!: ConflictKind;

  @ApiProperty({
    description: 'The rule; of a contradiction both, the winner first',
    type: [String],
    example: [first, second],
  })
  readonly ruleIds!: readonly string[];

  @ApiPropertyOptional({
    description: 'Of a shadowed rule: the rules that stop before it',
    type: [String],
    example: [first],
  })
  readonly shadowedBy?: readonly string[];

  @ApiPropertyOptional({ description: 'Of a contradiction', type: [ContradictedFieldAnswer] })
  readonly fields?: readonly ContradictedFieldAnswer[];

  @ApiPropertyOptional({
    description:
      'A context, and the facts beside it, over which the engine shows it; absent when the claim is that there is none',
    type: 'object',
    additionalProperties: true,
    example: witness,
  })
  readonly witness?: JsonObject;

  @ApiProperty({
    description: 'The same in words',
    example: '"Hot" and "Cold" can both match and set lead.score differently; the former wins.',
  })
  readonly message!: string;
}

/** A question that stayed open. */
export class UndecidedQuestionAnswer {
  @ApiProperty(kindField)
  readonly kind!: ConflictKind;

  @ApiProperty({ description: 'The rules that it is about', type: [String], example: [first] })
  readonly ruleIds!: readonly string[];

  @ApiProperty({ description: 'Why', example: 'Not decided: there are too many combinations of values.' })
  readonly message!: string;
}

/** The answer of the search for conflicts. */
export class ConflictsAnswer {
  @ApiProperty({ description: 'Whose live rules were searched', example: 'crm.lead.created' })
  readonly entryPoint!: string;

  @ApiProperty({ description: 'The revision of the rule set', type: 'integer', example: 7 })
  readonly revision!: number;

  @ApiProperty({ description: 'Rules in it', type: 'integer', example: 12 })
  readonly ruleCount!: number;

  @ApiProperty({
    description: 'From when on conflicts count',
    format: 'date-time',
    example: '2026-11-22T09:30:00.000Z',
  })
  readonly from!: string;

  @ApiProperty({
    description: 'False when the work or the findings reached their limit before every question was asked',
    example: true,
  })
  readonly isComplete!: boolean;

  @ApiProperty({
    description: 'How many there are of each kind, and how many questions stayed open',
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { 'never-holds': 0, 'always-holds': 0, shadowed: 0, contradiction: 1, undecided: 0 },
  })
  readonly counts!: Readonly<Record<string, number>>;

  @ApiProperty({ description: 'What is hardly meant', type: [ConflictAnswer] })
  readonly conflicts!: readonly Conflict[];

  @ApiProperty({ description: 'What could not be decided, and why', type: [UndecidedQuestionAnswer] })
  readonly undecided!: readonly UndecidedQuestion[];
}

/** The first of each list, with the number of all. */
export function conflictsAnswer({ conflicts, undecided, ...found }: RuleConflicts, limit: number): ConflictsAnswer {
  const counted = kinds.map((kind) => [kind, conflicts.filter((conflict) => conflict.kind === kind).length] as const);
  return {
    ...found,
    counts: { ...Object.fromEntries(counted), undecided: undecided.length },
    conflicts: conflicts.slice(0, limit),
    undecided: undecided.slice(0, limit),
  };
}
