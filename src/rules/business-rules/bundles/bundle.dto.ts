import { ApiProperty } from '@nestjs/swagger';
import { BooleanField, EnumField, IntegerField, NestedField, TextField } from '../../../platform/http/fields.js';
import { CreateEntryPointBody } from '../../entry-points/entry-points.dto.js';
import { MOST_FUNCTIONS } from '../../functions/function-authoring.js';
import { FunctionDefinitionBody, NewFunctionNameField } from '../../functions/functions.dto.js';
import { ENTRY_POINT_PATTERN, RuleDefinitionBody } from '../business-rules.dto.js';

/** What a bundle says it is. */
export const BUNDLE_FORMAT = 'proviso-rules';
/** Raised when bundles of before could be read as something else. */
export const BUNDLE_FORMAT_VERSION = 1;
/** Rules that one bundle holds at most. */
export const MOST_BUNDLED_RULES = 10_000;
/** Entry points that one bundle holds at most. */
const MOST_BUNDLED_ENTRY_POINTS = 500;

/** A rule as it travels: its newest definition, and where it belongs. */
export class BundledRuleBody extends RuleDefinitionBody {
  @TextField({
    description:
      'The same wherever the rule is imported; the id of the rule where it was written, or a name of your own',
    example: 'enterprise-bonus',
    minLength: 1,
    maxLength: 100,
    pattern: /^[\w.:-]+$/,
  })
  readonly key!: string;

  @TextField({
    description: 'Where the rule takes part',
    example: 'crm.lead.created',
    maxLength: 100,
    pattern: ENTRY_POINT_PATTERN,
  })
  readonly entryPoint!: string;

  @BooleanField({
    description: 'Whether this definition was in force where it was exported; only those are published',
    example: true,
    fallback: true,
  })
  readonly live!: boolean;
}

/** A function as it travels: as rules call it. */
export class BundledFunctionBody extends FunctionDefinitionBody {
  @NewFunctionNameField()
  readonly name!: string;
}

/** Rules with the entry points and functions that they need. */
export class RuleBundleBody {
  @EnumField({ description: 'What the bundle is', example: BUNDLE_FORMAT, values: [BUNDLE_FORMAT] })
  readonly format!: typeof BUNDLE_FORMAT;

  @IntegerField({
    description: 'Version of the form of bundles',
    example: BUNDLE_FORMAT_VERSION,
    minimum: BUNDLE_FORMAT_VERSION,
    maximum: BUNDLE_FORMAT_VERSION,
  })
  readonly formatVersion!: number;

  @NestedField({
    description: 'Entry points of the organization’s own, by name',
    type: () => CreateEntryPointBody,
    maxItems: MOST_BUNDLED_ENTRY_POINTS,
  })
  readonly entryPoints!: CreateEntryPointBody[];

  @NestedField({
    description: 'Functions that the rules call, by name, as they are live',
    type: () => BundledFunctionBody,
    maxItems: MOST_FUNCTIONS,
    optional: true,
  })
  readonly functions?: BundledFunctionBody[];

  @NestedField({
    description: 'Rules by entry point and in the order in which they are decided',
    type: () => BundledRuleBody,
    maxItems: MOST_BUNDLED_RULES,
  })
  readonly rules!: BundledRuleBody[];
}

export class ImportRulesBody {
  @NestedField({ description: 'What an export gave', type: () => RuleBundleBody })
  readonly bundle!: RuleBundleBody;

  @BooleanField({ description: 'Only tells what would be done', example: true, fallback: false })
  readonly dryRun!: boolean;

  @BooleanField({
    description:
      'Puts in force what was in force where the bundle was made; else all comes as drafts, but for functions that are new: rules can only be saved when they are live',
    example: false,
    fallback: false,
  })
  readonly publish!: boolean;
}

export class ExportRulesQuery {
  @TextField({
    description: 'Only rules of this entry point',
    example: 'crm.lead.created',
    maxLength: 100,
    optional: true,
  })
  readonly entryPoint?: string;

  @TextField({ description: 'Only rules with this tag', example: 'scoring', maxLength: 500, optional: true })
  readonly tag?: string;
}

const anyObject = { type: 'object', additionalProperties: true } as const;
const patch = {
  description: 'JSON Patch (RFC 6902) from the present definition',
  type: 'array',
  items: anyObject,
  example: [{ op: 'replace', path: '/priority', value: 10 }],
} as const;

/** What an import does, or would do, with one rule, entry point or function. */
export class RuleImportChangeAnswer {
  @ApiProperty({ description: 'What it is', enum: ['rule', 'entry-point', 'function'], example: 'rule' })
  readonly kind!: 'rule' | 'entry-point' | 'function';

  @ApiProperty({ description: 'Key of the rule, or name of the entry point or function', example: 'enterprise-bonus' })
  readonly key!: string;

  @ApiProperty({ description: 'Where it stands in the body', example: '#/bundle/rules/0' })
  readonly pointer!: string;

  @ApiProperty({
    description: 'published: the definition was there already and is put in force',
    enum: ['created', 'revised', 'published', 'refused'],
    example: 'revised',
  })
  readonly outcome!: 'created' | 'revised' | 'published' | 'unchanged' | 'refused';

  @ApiProperty({ ...patch, required: false })
  readonly patch?: readonly unknown[];

  @ApiProperty({
    description: 'Why it is refused',
    type: 'array',
    items: anyObject,
    example: [{ pointer: '#/bundle/rules/0/entryPoint', message: 'There is no entry point called shop.order.' }],
    required: false,
  })
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
}

/** The answer of an import. */
export class RuleImportAnswer {
  @ApiProperty({ description: 'Whether it was done; false for a dry run', example: true })
  readonly applied!: boolean;

  @ApiProperty({ description: 'Written for the first time', example: 1 })
  readonly created!: number;

  @ApiProperty({ description: 'Saved as a new version', example: 2 })
  readonly revised!: number;

  @ApiProperty({ description: 'Only put in force', example: 0 })
  readonly published!: number;

  @ApiProperty({ description: 'There already, with the same content', example: 40 })
  readonly unchanged!: number;

  @ApiProperty({ description: 'Not possible; then nothing is done', example: 0 })
  readonly refused!: number;

  @ApiProperty({ description: 'All but what is unchanged, in order of the bundle', type: [RuleImportChangeAnswer] })
  readonly changes!: readonly RuleImportChangeAnswer[];
}
