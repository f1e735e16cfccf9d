import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { RE2JS } from 're2js';
import type { Violation } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';

/** Tells what a context violates; an empty list when it is as the schema says. */
export type ContextCheck = (context: unknown) => Violation[];

// Patterns come from authors: RE2 semantics keep them linear in the length of the text.
const linearRegExp = Object.assign(
  (pattern: string) => {
    const compiled = RE2JS.compile(pattern);
    // The validator tells patterns apart by their text.
    return { test: (text: string) => compiled.matcher(text).find(), toString: () => `/${pattern}/` };
  },
  { code: 'RE2JS' },
);

/** Compiles a JSON Schema (draft 2020-12). @throws Error with what is wrong with the schema */
export function compileContextSchema(schema: JsonObject): ContextCheck {
  const ajv = new Ajv2020({ allErrors: true, strict: false, code: { regExp: linearRegExp } });
  addFormats.default(ajv);
  const validate: ValidateFunction = ajv.compile(schema);
  return (context) => {
    if (validate(context)) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) => ({
      pointer: `#${instancePath}`,
      message: [message ?? 'is not as the schema says', ...describe(params)].join(' '),
    }));
  };
}

function describe(parameters: Record<string, unknown>): string[] {
  const { additionalProperty, allowedValues } = parameters;
  if (typeof additionalProperty === 'string') return [`(${additionalProperty})`];
  return Array.isArray(allowedValues) ? [`(${allowedValues.join(', ')})`] : [];
}
