import type { JsonValue } from '../../kernel/json.js';

/**
 * An expression or an action that cannot be computed over this context. It fails one rule. `data` is what a following
 * branch of `try` sees as its context, `{type}`.
 */
export class EvaluationError extends Error {
  constructor(
    /** Stable, kebab-case: `not-a-number`, `missing-path`. */
    readonly code: string,
    message: string,
    readonly data: JsonValue = { type: code },
  ) {
    super(message);
    this.name = 'EvaluationError';
  }
}

/**
 * Codes whose messages say only what the rule says and which kinds of value it met, so that they may be shown to who must
 * not see the context. What a function says of itself is not among them.
 */
export const codesThatQuoteNothing: ReadonlySet<string> = new Set([
  'internal-error',
  'invalid-arguments',
  'invalid-date',
  'invalid-parameters',
  'invalid-unit',
  'missing-path',
  'not-a-number',
  'thrown',
  'type-mismatch',
  'unknown-function',
  'work-limit',
]);

/** A number was needed and something else stood there, or the result is no finite number. */
export const notANumber = (message = 'The operands do not give a number.'): EvaluationError =>
  new EvaluationError('not-a-number', message, { type: 'NaN' });

/** The operator was given too few arguments or arguments of a form that it cannot work with. */
export const invalidArguments = (message = 'The operator cannot work with these arguments.'): EvaluationError =>
  new EvaluationError('invalid-arguments', message, { type: 'Invalid Arguments' });

/** A path that the author relies on is not in the context. */
export const missingPath = (path: string): EvaluationError =>
  new EvaluationError('missing-path', `The context has no value at "${path}".`);

/** A value of a type that the operator has no answer for. */
export const typeMismatch = (message: string): EvaluationError => new EvaluationError('type-mismatch', message);

/** The condition asked for more work than one rule may cause. `try` does not catch it. */
export const workLimit = (limit: number): EvaluationError =>
  new EvaluationError('work-limit', `The condition did more than ${limit} units of work; make its lists smaller.`);
