import { Ajv2020, type ErrorObject, type SchemaObject } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type InputFault, invalidInput } from './invalid-input.js';

// Own properties only: a body without `toString` must not pass as one that has it.
const ajv = new Ajv2020({ allErrors: true, ownProperties: true, strict: true });
addFormats.default(ajv);
// OpenAPI's word for documentation, so that one schema serves both.
ajv.addKeyword('example');

/**
 * Compiles a JSON schema (draft 2020-12) to a check for routes too hot for input classes; such a route takes
 * `@Body() body: unknown` and documents the same schema by `@ApiBody({ schema })`.
 * @returns a function that gives the body back with its type, and throws malformed `invalid-body` as input classes do
 */
export function compiledCheck<T>(schema: SchemaObject): (body: unknown) => T {
  const validate = ajv.compile<T>(schema);
  return (body) => {
    if (!validate(body)) throw invalidInput('body', (validate.errors ?? []).map(faultOf));
    return body;
  };
}

function faultOf({ instancePath, params, message = 'is not valid' }: ErrorObject): InputFault {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const { missingProperty, additionalProperty } = params as Record<string, string | undefined>;
  if (missingProperty !== undefined)
    return { path: [...path, missingProperty], message: `${missingProperty} is required` };
  if (additionalProperty !== undefined) {
    return { path: [...path, additionalProperty], message: `${additionalProperty} is not known here` };
  }
  return { path, message: `${path.at(-1) ?? 'the body'} ${message}` };
}
