import { ApiProperty } from '@nestjs/swagger';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import {
  BooleanField,
  EnumField,
  InstantField,
  IntegerField,
  JsonField,
  JsonObjectField,
  ListField,
  NestedField,
  TextField,
} from '../../platform/http/fields.js';
import { TakesAliases } from '../../platform/http/aliases.js';
import { sourceNames } from '../source-names.js';
import { PageQuery } from '../../platform/http/page-query.js';
import type { AuthoredRule } from './rule.js';

/** `context.subject.moment`, in lower case. */
export const ENTRY_POINT_PATTERN = /^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*){1,4}$/;

/** One condition of the field form. */
export class FieldConditionBody {
  @TextField({ description: 'Path in the context', example: 'lead.company.size', minLength: 1, maxLength: 200 })
  readonly field!: string;

  @TextField({
    description:
      'equals, not_equals, greater_than, greater_or_equal, less_than, less_or_equal, contains, starts_with, in, not_in, between, matches, exists or is_empty',
    example: 'equals',
    minLength: 1,
    maxLength: 40,
  })
  readonly operator!: string;

  @JsonField({
    description: 'What to compare with; none for exists and is_empty',
    example: 'enterprise',
    optional: true,
  })
  readonly value?: JsonValue;

  @EnumField({
    description: 'Joins the condition to what stands before it; AND binds tighter',
    example: 'AND',
    values: ['AND', 'OR'],
    optional: true,
  })
  readonly logicalOperator?: 'AND' | 'OR';
}

/** One action of a rule. */
export class RuleActionBody {
  @TextField({ description: 'A registered action type', example: 'adjust_field', minLength: 1, maxLength: 100 })
  readonly type!: string;

  @JsonObjectField({
    description: 'As the type asks for; texts may hold placeholders such as {{lead.contact.email}}',
    example: { field: 'lead.score', by: 30 },
  })
  readonly parameters!: JsonObject;
}

/** What of a rule has versions. */
export class RuleDefinitionBody {
  @TextField({
    description: 'What people call the rule',
    example: 'Enterprise companies score 30',
    minLength: 1,
    maxLength: 255,
  })
  readonly name!: string;

  @TextField({ description: 'Why the rule is there', example: 'They buy more.', maxLength: 5000, fallback: '' })
  readonly description!: string;

  @IntegerField({
    description: 'Higher is decided first; of two that set one field the higher wins',
    example: 100,
    minimum: -1_000_000,
    maximum: 1_000_000,
    fallback: 0,
  })
  readonly priority!: number;

  @BooleanField({ description: 'Whether the rule takes part once it is live', example: true, fallback: true })
  readonly enabled!: boolean;

  @InstantField({
    description: 'Active from, inclusive',
    example: '2026-12-01T00:00:00Z',
    optional: true,
    nullable: true,
  })
  readonly validFrom?: string | null;

  @InstantField({
    description: 'Active until, exclusive',
    example: '2027-01-01T00:00:00Z',
    optional: true,
    nullable: true,
  })
  readonly validUntil?: string | null;

  @BooleanField({
    description: 'Leaves out the rules behind this one once it matched',
    example: false,
    fallback: false,
  })
  readonly stopOnMatch!: boolean;

  @JsonField({
    description: 'JSONLogic; either this or conditions',
    example: { '==': [{ var: 'lead.company.size' }, 'enterprise'] },
    optional: true,
  })
  readonly condition?: JsonValue;

  @NestedField({
    description: 'Field form, read left to right; either this or condition',
    type: () => FieldConditionBody,
    maxItems: 500,
    optional: true,
  })
  readonly conditions?: FieldConditionBody[];

  @NestedField({ description: 'What happens when the condition holds', type: () => RuleActionBody, maxItems: 50 })
  readonly actions!: RuleActionBody[];

  @ListField({ description: 'To find rules by', example: ['scoring'], of: 'text', maxItems: 20, optional: true })
  readonly tags?: string[];

  @JsonObjectField({
    description: 'Whatever the author wants to keep with the rule',
    example: { ticket: 'OPS-17' },
    optional: true,
  })
  readonly metadata?: JsonObject;
}

@TakesAliases(sourceNames)
export class ReviseRuleBody extends RuleDefinitionBody {
  @BooleanField({ description: 'Puts the new version in force at once', example: true, fallback: false })
  readonly publish!: boolean;
}

@TakesAliases(sourceNames)
export class CreateRuleBody extends RuleDefinitionBody {
  @TextField({
    description: 'Where the rule takes part; either this or entity',
    example: 'crm.lead.created',
    maxLength: 100,
    pattern: ENTRY_POINT_PATTERN,
    optional: true,
  })
  readonly entryPoint?: string;

  @TextField({
    description:
      'The entity whose only entry point is meant; a rule named so is published at once unless publish says no',
    example: 'lead',
    minLength: 1,
    maxLength: 100,
    optional: true,
  })
  readonly entity?: string;

  @BooleanField({
    description: 'Puts version 1 in force at once; by default only with entity',
    example: true,
    optional: true,
  })
  readonly publish?: boolean;
}

/** To what a rule goes back. */
export class RollBackBody {
  @IntegerField({
    description: 'The version whose definition is saved again, as a new version',
    example: 2,
    minimum: 1,
    maximum: 2 ** 31 - 1,
  })
  readonly version!: number;

  @BooleanField({ description: 'Puts the new version in force at once', example: true, fallback: false })
  readonly publish!: boolean;
}

export class RuleDiffQuery {
  @IntegerField({
    description: 'The version to go out from; by default the live one, or else the one before the newest',
    example: 2,
    minimum: 1,
    maximum: 2 ** 31 - 1,
    optional: true,
  })
  readonly from?: number;

  @IntegerField({
    description: 'The version to arrive at; by default the newest',
    example: 3,
    minimum: 1,
    maximum: 2 ** 31 - 1,
    optional: true,
  })
  readonly to?: number;
}

@TakesAliases(sourceNames)
export class ListRulesQuery extends PageQuery {
  @TextField({
    description: 'Only rules of this entry point',
    example: 'crm.lead.created',
    maxLength: 100,
    optional: true,
  })
  readonly entryPoint?: string;

  @TextField({
    description: "Only rules of this entity's entry points",
    example: 'lead',
    maxLength: 100,
    optional: true,
  })
  readonly entity?: string;

  @BooleanField({ description: 'Only enabled or only disabled ones', example: true, optional: true })
  readonly enabled?: boolean;

  @TextField({ description: 'Only rules with this tag', example: 'scoring', maxLength: 500, optional: true })
  readonly tag?: string;

  @TextField({
    description: 'Part of the name, whatever its case',
    example: 'enterprise',
    maxLength: 255,
    optional: true,
  })
  readonly search?: string;

  @EnumField({
    description: 'createdAt: newest first; priority: in the order of decision',
    example: 'priority',
    values: ['createdAt', 'priority'],
    fallback: 'createdAt',
  })
  readonly sort!: 'createdAt' | 'priority';
}

const idField = { description: 'UUID v7', example: '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44', maxLength: 36 };

/** A rule with its newest definition. */
export class RuleAnswer extends RuleDefinitionBody {
  @TextField(idField)
  readonly id!: string;

  @TextField({
    description:
      'The name under which bundles know the rule; its id where it was written, the same where it is imported',
    example: '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44',
    maxLength: 100,
  })
  readonly key!: string;

  @TextField({ description: 'Where the rule takes part', example: 'crm.lead.created', maxLength: 100 })
  readonly entryPoint!: string;

  @IntegerField({
    description: 'Version of the newest definition; the ETag',
    example: 3,
    minimum: 1,
    maximum: 2 ** 31 - 1,
  })
  readonly version!: number;

  @IntegerField({
    description: 'Version that is in force; null for a draft',
    example: 2,
    minimum: 1,
    maximum: 2 ** 31 - 1,
    nullable: true,
  })
  readonly liveVersion!: number | null;

  @InstantField({ description: 'When the rule was made', example: '2026-11-22T09:30:00.000Z' })
  readonly createdAt!: string;

  @TextField({ ...idField, description: 'Who made it' })
  readonly createdBy!: string;

  @InstantField({ description: 'When the newest definition was saved', example: '2026-11-22T09:30:00.000Z' })
  readonly updatedAt!: string;

  @TextField({ ...idField, description: 'Who saved it' })
  readonly updatedBy!: string;

  @ListField({
    description:
      'What the author should know, in the answer of creating and publishing; from 50 rules at an entry point',
    example: ['crm.lead.created has 51 rules; from 50 on it is hard to see how they play together.'],
    of: 'text',
    maxItems: 10,
    optional: true,
  })
  readonly warnings?: string[];
}

/** One saved definition. */
export class RuleVersionAnswer extends RuleDefinitionBody {
  @IntegerField({ description: 'Number of the version', example: 2, minimum: 1, maximum: 2 ** 31 - 1 })
  readonly version!: number;

  @InstantField({ description: 'When it was saved', example: '2026-11-22T09:30:00.000Z' })
  readonly createdAt!: string;

  @TextField({ ...idField, description: 'Who saved it' })
  readonly createdBy!: string;
}

/** The definition as the body gives it, with what was left out. */
export const definitionOf = (body: RuleDefinitionBody): AuthoredRule => ({
  name: body.name,
  description: body.description,
  priority: body.priority,
  enabled: body.enabled,
  validFrom: body.validFrom ?? null,
  validUntil: body.validUntil ?? null,
  stopOnMatch: body.stopOnMatch,
  ...(body.condition !== undefined && { condition: body.condition }),
  ...(body.conditions && {
    conditions: body.conditions.map((condition) => ({ ...condition })),
  }),
  actions: body.actions.map(({ type, parameters }) => ({ type, parameters })),
  tags: body.tags ?? [],
  metadata: body.metadata ?? {},
});

/** What makes one version of another. */
export class RuleDiffAnswer {
  @ApiProperty({ description: 'Version that it goes out from', example: 2 })
  readonly from!: number;

  @ApiProperty({ description: 'Version that it arrives at', example: 3 })
  readonly to!: number;

  @ApiProperty({
    description: 'JSON Patch (RFC 6902); empty when both say the same',
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    example: [{ op: 'replace', path: '/priority', value: 10 }],
  })
  readonly patch!: readonly unknown[];
}
