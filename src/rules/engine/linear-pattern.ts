import { RE2JS } from 're2js';
import { EvaluationError } from './evaluation-error.js';

/** The largest pattern, in instructions of its program; a repetition counts as often as it may repeat. */
export const PATTERN_LIMIT = 1_000;
/** Instructions times characters that one search may take: tens of milliseconds. */
const SEARCH_LIMIT = 5_000_000;

/**
 * Compiles a regular expression with RE2 semantics, so that searching takes at most its size times the text's length.
 * The search throws EvaluationError `work-limit` when that is too much.
 * @throws Error when it is no regular expression or too large
 */
export function compileLinearPattern(pattern: string): (text: string) => boolean {
  const compiled = RE2JS.compile(pattern);
  const size = compiled.programSize();
  if (size > PATTERN_LIMIT) throw new Error(`it takes ${size} instructions; at most ${PATTERN_LIMIT} are allowed`);
  const longest = Math.floor(SEARCH_LIMIT / size);
  return (text) => {
    if (text.length > longest) {
      const message = `A text of ${text.length} characters is too long for this pattern, which takes ${longest}.`;
      throw new EvaluationError('work-limit', message);
    }
    return compiled.test(text);
  };
}
