import type { DomainError } from '../../kernel/domain-error.js';
import { malformed } from '../../kernel/domain-error.js';
import { pointerOf } from './json-body.js';

/** Where input comes from; the word that the framework uses. */
export type InputPlace = 'body' | 'query' | 'param';

/** One fault: the keys from the outermost object down to it, and what is wrong there. */
export interface InputFault {
  readonly path: readonly string[];
  readonly message: string;
}

/** A fault in a query or path; stands beside the violations of bodies in `errors[]`. */
export interface ParameterViolation {
  readonly parameter: string;
  readonly message: string;
}

/** How many faults an answer lists at most. */
const LISTED_FAULTS = 50;

const words = { body: 'body', query: 'query', param: 'path' };

/** The error for input whose form is wrong: 400 with each fault and its place. */
export function invalidInput(place: InputPlace, faults: readonly InputFault[]): DomainError {
  const listed = faults.slice(0, LISTED_FAULTS);
  const more = faults.length - 1;
  const first = faults[0]?.message ?? 'it is not what this route takes';
  const sentence = `The ${words[place]} is not valid: ${first}${more > 0 ? `, and ${more} more, see errors` : ''}.`;
  return malformed(`invalid-${words[place]}`, sentence, {
    ...(place === 'body'
      ? { violations: listed.map(({ path, message }) => ({ pointer: pointerOf(path), message })) }
      : {
          parameterViolations: listed.map(({ path, message }): ParameterViolation => ({
            parameter: path[0] ?? '',
            message,
          })),
        }),
  });
}
