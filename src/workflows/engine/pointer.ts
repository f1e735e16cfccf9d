import type { Violation } from '../../kernel/domain-error.js';

/** JSON pointer (RFC 6901 section 6) as a URI fragment: `#/steps/2/nextSteps/0`. */
export const pointerOf = (tokens: readonly (string | number)[]): string =>
  ['#', ...tokens.map((token) => encodeURIComponent(escapeToken(String(token))))].join('/');

/** One violation at a place. */
export const fault = (message: string, ...place: readonly (string | number)[]): Violation[] => [
  { pointer: pointerOf(place), message },
];

/** Moves places that begin at a part to where the part stands. */
export const below = (place: readonly (string | number)[], violations: readonly Violation[]): Violation[] =>
  violations.map(({ pointer, message }) => ({ pointer: pointerOf(place) + pointer.slice(1), message }));

// A lone surrogate has no percent encoding, and a place must never make its reporter fail.
const escapeToken = (token: string): string => token.toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1');
