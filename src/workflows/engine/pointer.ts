/** JSON pointer (RFC 6901 section 6) as a URI fragment: `#/steps/2/nextSteps/0`. */
export const pointerOf = (tokens: readonly (string | number)[]): string =>
  ['#', ...tokens.map((token) => encodeURIComponent(escapeToken(String(token))))].join('/');

// A lone surrogate has no percent encoding, and a place must never make its reporter fail.
const escapeToken = (token: string): string => token.toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1');
