import type { JsonValue } from '../../kernel/json.js';
import {
  BooleanField,
  EnumField,
  InstantField,
  IntegerField,
  JsonField,
  ListField,
  NestedField,
  NumberField,
  TextField,
} from '../../platform/http/fields.js';
import { PageQuery } from '../../platform/http/page-query.js';
import type { AuthoredFunction } from './custom-function.js';

const nameField = {
  description: 'A JavaScript identifier; rules call it as {"fn": ["name", …arguments]}',
  example: 'shippingClass',
  minLength: 1,
  maxLength: 64,
};
/** The name of a function that is made; see `nameField` for one that is looked for. */
export const NewFunctionNameField = (): PropertyDecorator =>
  TextField({ ...nameField, pattern: /^[A-Za-z_$][A-Za-z0-9_$]{0,63}$/ });
const versionField = { example: 2, minimum: 1, maximum: 2 ** 31 - 1 };
const idField = { example: '0193524e-4a3c-7c11-9d3a-5b1f0a6e2c44', maxLength: 36 };
const SOURCE_CHARACTERS = 65_536;

/** What of a function has versions. */
export class FunctionDefinitionBody {
  @TextField({ description: 'What it is for', example: 'Class of a parcel', maxLength: 5000, fallback: '' })
  readonly description!: string;

  @ListField({
    description: 'Names of the parameters, JavaScript identifiers, in order',
    example: ['weight', 'country'],
    of: 'text',
    maxItems: 20,
  })
  readonly parameters!: string[];

  @TextField({
    description:
      'Body of the function, JavaScript, at most 64 KiB. It sees its parameters, a Date that stands still and a seeded Math.random, and nothing else; what it returns goes on as JSON',
    example: "return weight > 30 ? 'freight' : 'parcel';",
    minLength: 1,
    maxLength: SOURCE_CHARACTERS,
  })
  readonly source!: string;
}

export class ReviseFunctionBody extends FunctionDefinitionBody {
  @BooleanField({ description: 'Lets rules call the new version at once', example: true, fallback: false })
  readonly publish!: boolean;
}

export class CreateFunctionBody extends ReviseFunctionBody {
  @NewFunctionNameField()
  readonly name!: string;
}

/** The path of a route about one function. */
export class FunctionParameters {
  @TextField({ ...nameField, maxLength: 100 })
  readonly name!: string;
}

export class ListFunctionsQuery extends PageQuery {
  @TextField({
    description: 'Part of the name or the description, whatever its case',
    example: 'ship',
    maxLength: 255,
    optional: true,
  })
  readonly search?: string;
}

export class TestFunctionBody {
  @JsonField({ description: 'The arguments, a list', example: [12.5, 'NO'] })
  readonly args!: JsonValue;

  @InstantField({
    description: 'Where the clock stands; now, unless given',
    example: '2026-12-01T00:00:00Z',
    optional: true,
  })
  readonly now?: string;

  @TextField({ description: 'Seeds Math.random', example: 'a', maxLength: 100, optional: true })
  readonly seed?: string;

  @TextField({
    description: 'Tried instead of the saved body',
    example: "return 'parcel';",
    minLength: 1,
    maxLength: SOURCE_CHARACTERS,
    optional: true,
  })
  readonly source?: string;
}

/** A function with its newest version. */
export class FunctionAnswer extends FunctionDefinitionBody {
  @TextField(nameField)
  readonly name!: string;

  @IntegerField({ ...versionField, description: 'The newest version; the ETag' })
  readonly version!: number;

  @IntegerField({ ...versionField, description: 'The version that rules call; null for a draft', nullable: true })
  readonly liveVersion!: number | null;

  @InstantField({ description: 'When the function was made', example: '2026-11-22T09:30:00.000Z' })
  readonly createdAt!: string;

  @TextField({ ...idField, description: 'Who made it' })
  readonly createdBy!: string;

  @InstantField({ description: 'When the newest version was saved', example: '2026-11-22T09:30:00.000Z' })
  readonly updatedAt!: string;

  @TextField({ ...idField, description: 'Who saved it' })
  readonly updatedBy!: string;
}

/** One saved version. */
export class FunctionVersionAnswer extends FunctionDefinitionBody {
  @IntegerField({ ...versionField, description: 'Number of the version' })
  readonly version!: number;

  @InstantField({ description: 'When it was saved', example: '2026-11-22T09:30:00.000Z' })
  readonly createdAt!: string;

  @TextField({ ...idField, description: 'Who saved it' })
  readonly createdBy!: string;
}

/** Why a call failed. */
export class FunctionFailureAnswer {
  @EnumField({
    description:
      'function-failed: it threw or gave no JSON; function-limit: ticks, memory, stack or the size of its result ran out',
    example: 'function-limit',
    values: ['function-failed', 'function-limit'],
  })
  readonly code!: 'function-failed' | 'function-limit';

  @TextField({ description: 'What happened', example: 'it ran out of ticks.', maxLength: 1000 })
  readonly message!: string;
}

/** What a trial came to: either a result or a failure. */
export class FunctionTestAnswer {
  @JsonField({ description: 'What it returned', example: 'parcel', optional: true })
  readonly result?: JsonValue;

  @NestedField({ description: 'Why it failed', type: () => FunctionFailureAnswer, optional: true })
  readonly failure?: FunctionFailureAnswer;

  @IntegerField({
    description: 'Work that it took, the same on every machine; a call may take 10 million',
    example: 5120,
    minimum: 0,
    maximum: 2 ** 31 - 1,
  })
  readonly ticks!: number;

  @NumberField({ description: 'Milliseconds that it took here', example: 0.2, minimum: 0, maximum: 1e6 })
  readonly durationMs!: number;
}

/** The definition as the body gives it. */
export const definitionOf = ({ description, parameters, source }: FunctionDefinitionBody): AuthoredFunction => ({
  description,
  parameters: [...parameters],
  source,
});
