import type { JsonObject } from '../../kernel/json.js';
import {
  BooleanField,
  EnumField,
  IntegerField,
  JsonObjectField,
  ListField,
  TextField,
} from '../../platform/http/fields.js';
import type { CustomEntryPointSettings } from './custom-entry-point.js';
import type { FailurePolicy } from './entry-point.js';

const NAME_PATTERN = /^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*){1,4}$/;

const nameField = {
  description: 'context.subject.moment, in lower case',
  example: 'shop.order.placed',
  minLength: 3,
  maxLength: 100,
  pattern: NAME_PATTERN,
};

/** What can be changed of an entry point. */
export class EntryPointSettingsBody implements CustomEntryPointSettings {
  @TextField({
    description: 'When it is asked, and what for',
    example: 'An order is about to be placed.',
    maxLength: 1000,
    fallback: '',
  })
  readonly description!: string;

  @JsonObjectField({
    description: 'JSON Schema (draft 2020-12) of the context',
    example: {
      type: 'object',
      required: ['order'],
      properties: { order: { type: 'object', required: ['total'], properties: { total: { type: 'number' } } } },
    },
  })
  readonly schema!: JsonObject;

  @ListField({ description: 'Paths that actions may change', example: ['order.discount'], of: 'text', maxItems: 500 })
  readonly writableFields!: string[];

  @EnumField({
    description: 'When a rule fails: fail_closed denies, fail_open lets the other rules stand',
    example: 'fail_open',
    values: ['fail_open', 'fail_closed'],
  })
  readonly failurePolicy!: FailurePolicy;

  @ListField({
    description:
      'Paths of the context that need special care, each with all below it: sealed in the trail, shown to who holds audit:read-sensitive; none when absent',
    example: ['order.total'],
    of: 'text',
    maxItems: 100,
    fallback: [],
  })
  readonly sensitivePaths!: string[];

  @ListField({
    description: 'The same, of what says something about a person and may have to be erased',
    example: ['order.customer'],
    of: 'text',
    maxItems: 100,
    fallback: [],
  })
  readonly personalPaths!: string[];
}

export class CreateEntryPointBody extends EntryPointSettingsBody {
  @TextField(nameField)
  readonly name!: string;
}

/** The path of a route about one entry point. */
export class EntryPointParameters {
  @TextField(nameField)
  readonly name!: string;
}

/** An entry point. */
export class EntryPointAnswer extends EntryPointSettingsBody {
  @TextField(nameField)
  readonly name!: string;

  @TextField({ description: 'What the sources call its entity', example: 'lead', maxLength: 100, optional: true })
  readonly entity?: string;

  @BooleanField({
    description: 'Whether a context of the product owns it, so that it cannot be changed here',
    example: false,
  })
  readonly isBuiltIn!: boolean;

  @IntegerField({
    description: 'The ETag of one of your own',
    example: 1,
    minimum: 1,
    maximum: 2 ** 31 - 1,
    optional: true,
  })
  readonly version?: number;
}
