import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { canonicalJson } from '../../kernel/canonical-json.js';
import type { Violation } from '../../kernel/domain-error.js';
import { isObject, type JsonObject, type JsonValue } from '../../kernel/json.js';
import { EvaluationError } from '../engine/evaluation-error.js';
import { compileLinearPattern } from '../engine/linear-pattern.js';
import { COST_KEYWORD, leadsAstray, withCosts } from './schema-cost.js';

/** Tells what a context violates; an empty list when it is as the schema says. */
export type ContextCheck = (context: unknown) => Violation[];

/** What one check may cost: an application of a subschema, or a comparison. */
const COST_LIMIT = 1_000_000;
/** Some formats are searched by expressions that take the square of the length. */
const LONGEST_FORMATTED = 2_000;
const UNFORMATTED = new Set(['binary', 'byte', 'password']);

// Patterns come from authors: RE2 semantics keep them linear in the length of the text. The library tells compiled
// patterns apart by their texts.
const linearRegExp = Object.assign(
  (pattern: string) => ({ test: compileLinearPattern(pattern), toString: () => `/${pattern}/` }),
  { code: 'RE2JS' },
);

/**
 * Compiles a JSON Schema (draft 2020-12). However schema and context were written, a check ends soon: one that would
 * take too long is a violation. @throws Error with what is wrong with the schema
 */
export function compileContextSchema(schema: JsonObject): ContextCheck {
  if (isAsynchronous(schema)) throw new Error('$async is not taken, because a context is checked at once.');
  if (leadsAstray(schema))
    throw new Error('a $ref must lead to $defs, definitions, properties, an anchor or the root.');
  const budget = { left: COST_LIMIT };
  const validate = validatorFor(budget).compile(withCosts(schema));
  return (context) => {
    budget.left = COST_LIMIT;
    try {
      if (validate(context)) return [];
    } catch (error) {
      return [{ pointer: '#', message: tooMuch(error) }];
    }
    return (validate.errors ?? []).map(({ instancePath, message, params }) => ({
      pointer: `#${instancePath}`,
      message: [message ?? 'is not as the schema says', ...describe(params)].join(' '),
    }));
  };
}

function validatorFor(budget: { left: number }): Ajv2020 {
  const ajv = new Ajv2020({ allErrors: true, strict: false, code: { regExp: linearRegExp } });
  addFormats.default(ajv);
  for (const name of Object.keys(ajv.formats)) limitFormat(ajv, name);
  ajv.addKeyword({
    keyword: COST_KEYWORD,
    validate: (cost: number) => {
      budget.left -= cost;
      if (budget.left < 0) throw new EvaluationError('work-limit', 'The check takes too long.');
      return true;
    },
    errors: false,
  });
  // The library's own compares each item with each other one.
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: (isWanted: boolean, items: readonly JsonValue[]) =>
      !isWanted || new Set(items.map(canonicalJson)).size === items.length,
    error: { message: 'must NOT have duplicate items' },
  });
  return ajv;
}

function limitFormat(ajv: Ajv2020, name: string): void {
  const holds = UNFORMATTED.has(name) ? undefined : textCheckOf(ajv.formats[name]);
  if (holds) ajv.addFormat(name, (text: string) => text.length <= LONGEST_FORMATTED && holds(text));
}

type TextCheck = (text: string) => boolean;

/** How a format looks at texts; undefined when it looks at numbers or takes everything. */
function textCheckOf(format: unknown): TextCheck | undefined {
  if (format instanceof RegExp) return (text) => format.test(text);
  if (typeof format === 'function') return format as TextCheck;
  if (!isObject(format) || format.type === 'number') return undefined;
  return textCheckOf(format.validate);
}

/** Such a schema would answer with a promise, which is true whatever the context. */
const isAsynchronous = (schema: JsonValue): boolean =>
  typeof schema === 'object' &&
  schema !== null &&
  ((schema as JsonObject).$async === true || Object.values(schema as JsonObject).some(isAsynchronous));

const tooMuch = (error: unknown): string => {
  if (error instanceof EvaluationError) return `cannot be checked against the schema: ${error.message}`;
  if (error instanceof RangeError) return 'cannot be checked against the schema, which goes round in circles.';
  throw error;
};

function describe(parameters: Record<string, unknown>): string[] {
  const { additionalProperty, allowedValues } = parameters;
  if (typeof additionalProperty === 'string') return [`(${additionalProperty})`];
  return Array.isArray(allowedValues) ? [`(${allowedValues.join(', ')})`] : [];
}
