import { applyDecorators, type Type } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions, PartialType } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsDefined,
  IsEmail,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsString,
  IsUrl,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { FieldOf, type FieldShape } from './field-shape.js';
import { isInstant, isMoney } from './field-formats.js';

/** What every field says about itself; it becomes validation and documentation at once. */
export interface FieldOptions<T> {
  readonly description: string;
  readonly example: T;
  /** May be absent; `null` is still refused. */
  readonly optional?: boolean;
  /** May be `null`. */
  readonly nullable?: boolean;
}

/** A field with a value of its own when it is absent. A class with such fields is no base for a partial one. */
export interface FallbackOptions<T> extends FieldOptions<T> {
  readonly fallback?: T;
}

export interface TextOptions extends FallbackOptions<string> {
  /** In characters; 0 unless given. */
  readonly minLength?: number;
  readonly maxLength: number;
  readonly pattern?: RegExp;
  readonly format?: 'email' | 'uri';
}

export interface NumberOptions extends FallbackOptions<number> {
  readonly minimum: number;
  readonly maximum: number;
}

/** A text, counted in characters. */
export const TextField = ({ minLength = 0, maxLength, pattern, format, ...options }: TextOptions): PropertyDecorator =>
  field(
    options,
    { kind: 'text' },
    { type: 'string', minLength, maxLength, pattern: pattern?.source, format },
    IsString(),
    Length(minLength, maxLength),
    ...(pattern ? [Matches(pattern)] : []),
    ...(format === 'email' ? [IsEmail()] : []),
    ...(format === 'uri' ? [IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })] : []),
  );

/** A whole number. */
export const IntegerField = ({ minimum, maximum, ...options }: NumberOptions): PropertyDecorator =>
  field(options, { kind: 'integer' }, { type: 'integer', minimum, maximum }, IsInt(), Min(minimum), Max(maximum));

/** A number that may have a fraction. */
export const NumberField = ({ minimum, maximum, ...options }: NumberOptions): PropertyDecorator =>
  field(options, { kind: 'number' }, { type: 'number', minimum, maximum }, IsNumber(), Min(minimum), Max(maximum));

export const BooleanField = (options: FallbackOptions<boolean>): PropertyDecorator =>
  field(options, { kind: 'boolean' }, { type: 'boolean' }, IsBoolean());

/** One of a fixed list of texts. */
export const EnumField = <T extends string>({
  values,
  ...options
}: FallbackOptions<T> & { readonly values: readonly T[] }): PropertyDecorator =>
  field(options, { kind: 'text' }, { type: 'string', enum: [...values] }, IsIn(values));

/** A UUID of any version. */
export const IdField = (options: FieldOptions<string>): PropertyDecorator =>
  field(options, { kind: 'text' }, { type: 'string', format: 'uuid' }, IsUUID('all'));

/** A point in time, ISO 8601 with zone; it stays the text that was sent. */
export const InstantField = (options: FieldOptions<string>): PropertyDecorator =>
  field(
    options,
    { kind: 'text' },
    { type: 'string', format: 'date-time' },
    check('isInstant', isInstant, 'must be an ISO 8601 date and time with zone, such as 2026-11-22T09:30:00Z'),
  );

/** An amount of money: a decimal text or a number, with at most 2 decimals and 13 digits before them. */
export const MoneyField = ({
  isNegativeAllowed = false,
  ...options
}: FieldOptions<string | number> & { readonly isNegativeAllowed?: boolean }): PropertyDecorator =>
  field(
    options,
    { kind: 'text' },
    {
      oneOf: [
        { type: 'string', pattern: isNegativeAllowed ? '^-?\\d{1,13}(\\.\\d{1,2})?$' : '^\\d{1,13}(\\.\\d{1,2})?$' },
        { type: 'number', ...(!isNegativeAllowed && { minimum: 0 }) },
      ],
    },
    check(
      'isMoney',
      (value) => isMoney(value, isNegativeAllowed),
      'must be an amount with at most 2 decimals, such as "19.90"',
    ),
  );

/** An object whose members are nobody's business here. It arrives whole and uncopied, whatever its keys are called. */
export const JsonObjectField = (options: FieldOptions<object>): PropertyDecorator =>
  field(options, { kind: 'json' }, { type: 'object', additionalProperties: true }, IsObject());

/** Any JSON value, null too. It arrives whole and uncopied. */
export const JsonField = (options: FieldOptions<unknown>): PropertyDecorator =>
  field({ ...options, nullable: true }, { kind: 'json' }, { anyOf: anyJson });

// Said in full, because the document would otherwise call it an object.
const anyJson = [
  { type: 'object', additionalProperties: true },
  { type: 'array', items: {} },
  ...['string', 'number', 'boolean'].map((type) => ({ type })),
];

export interface NestedOptions extends Omit<FieldOptions<never>, 'example'> {
  /** The class of the object; its fields bring their own examples. */
  readonly type: () => Type<object>;
  /** A list of such objects, of at most so many. */
  readonly maxItems?: number;
}

/** An object with declared fields, or a list of such objects. */
export const NestedField = ({ type, maxItems, ...options }: NestedOptions): PropertyDecorator =>
  maxItems === undefined
    ? field(options, { kind: 'nested', type }, { type }, IsObject(), ValidateNested())
    : field(
        options,
        { kind: 'nested', type },
        { type, isArray: true, maxItems },
        IsArray(),
        ArrayMaxSize(maxItems),
        IsObject({ each: true }),
        ValidateNested({ each: true }),
      );

const itemKinds = {
  text: {
    items: { type: 'string', maxLength: 500 },
    checks: [IsString({ each: true }), Length(0, 500, { each: true })],
  },
  id: { items: { type: 'string', format: 'uuid' }, checks: [IsUUID('all', { each: true })] },
  email: { items: { type: 'string', format: 'email' }, checks: [IsEmail({}, { each: true })] },
  integer: { items: { type: 'integer' }, checks: [IsInt({ each: true })] },
  number: { items: { type: 'number' }, checks: [IsNumber({}, { each: true })] },
};

export interface ListOptions<T> extends FallbackOptions<readonly T[]> {
  /** What each item is; a text has at most 500 characters. */
  readonly of: keyof typeof itemKinds;
  readonly maxItems: number;
}

/** A list of simple values. In a query the parameter is repeated once for each. */
export const ListField = <T extends string | number>({ of, maxItems, ...options }: ListOptions<T>): PropertyDecorator =>
  field(
    options,
    { kind: 'list', items: of === 'integer' || of === 'number' ? of : 'text' },
    { type: 'array', items: itemKinds[of].items, maxItems },
    IsArray(),
    ArrayMaxSize(maxItems),
    ...itemKinds[of].checks,
  );

/** The class with every field optional, for changes; `null` is still refused where it was. */
export const PartialFields = <T>(type: Type<T>): Type<Partial<T>> => PartialType(type, { skipNullProperties: false });

function field(
  options: Omit<FallbackOptions<unknown>, 'example'> & { readonly example?: unknown },
  shape: FieldShape,
  schema: ApiPropertyOptions,
  ...checks: PropertyDecorator[]
): PropertyDecorator {
  const { description, example, nullable = false, fallback } = options;
  const isOptional = options.optional === true || fallback !== undefined;
  const documentation = { description, example, nullable, required: !isOptional, default: fallback };
  return applyDecorators(
    ApiProperty({ ...schema, ...documentation } as ApiPropertyOptions),
    FieldOf({ ...shape, fallback }),
    isOptional ? ValidateIf((_, value) => value !== undefined) : IsDefined({ message: '$property is required' }),
    ...(nullable ? [ValidateIf((_, value) => value !== null)] : []),
    ...checks,
  );
}

const check = (name: string, validate: (value: unknown) => boolean, message: string): PropertyDecorator =>
  ValidateBy({ name, validator: { validate, defaultMessage: () => `$property ${message}` } });
