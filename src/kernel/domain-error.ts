/**
 * What went wrong, in the words of the domain. The HTTP filter turns a kind into a status and the queue adapter into
 * a decision to retry; nothing else looks at it.
 */
export type ErrorKind =
  | 'malformed'
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'stale'
  | 'too-large'
  | 'too-many-requests'
  | 'unavailable';

/** One fault in the input: where (JSON pointer as URI fragment, `#/company/name`) and what. */
export interface Violation {
  readonly pointer: string;
  readonly message: string;
}

/** Extra facts of an error. `violations` become `errors[]` of the problem document, the rest become members of it. */
export interface ErrorDetails {
  readonly violations?: readonly Violation[];
  /** Whole seconds after which trying again makes sense; sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** What lies behind it, for the log alone; never sent. */
  readonly cause?: unknown;
  readonly [member: string]: unknown;
}

/** The one family of errors that a caller may see. `code` is stable, `message` says what is wrong and how to cure it. */
export class DomainError extends Error {
  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    message: string,
    readonly details: ErrorDetails = {},
  ) {
    super(message, { cause: details.cause });
    this.name = 'DomainError';
  }
}

/** Input whose form is right and whose content is not: 422. */
export const invalid = (code: string, message: string, details?: ErrorDetails): DomainError =>
  new DomainError('invalid', code, message, details);

/** Input that cannot even be read: 400. */
export const malformed = (code: string, message: string, details?: ErrorDetails): DomainError =>
  new DomainError('malformed', code, message, details);

/** No such thing in this organization: 404. `what` is the resource in plain words, `Lead`. */
export const notFound = (what: string, id: string): DomainError =>
  new DomainError('not-found', 'not-found', `${what} ${id} does not exist in this organization.`);

/** The present state does not allow it: 409. */
export const conflict = (code: string, message: string, details?: ErrorDetails): DomainError =>
  new DomainError('conflict', code, message, details);

/** Somebody else changed it since the version the caller saw: 412. */
export const stale = (message: string, details?: ErrorDetails): DomainError =>
  new DomainError('stale', 'stale-version', message, details);

/** A part that is needed is away; the same call may go through later: 503. */
export const unavailable = (code: string, message: string, details?: ErrorDetails): DomainError =>
  new DomainError('unavailable', code, message, { retryAfterSeconds: 1, ...details });
