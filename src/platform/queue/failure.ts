import { DomainError, type ErrorKind } from '../../kernel/domain-error.js';

const MAX_MESSAGE_LENGTH = 500;

const passingKinds: ReadonlySet<ErrorKind> = new Set(['unavailable', 'stale', 'conflict', 'too-many-requests']);

/**
 * Whether the same work may succeed later without anybody changing it. Anything but a domain error is taken for a
 * passing trouble: the number of attempts is bounded anyway.
 */
export function retryable(error: unknown): boolean {
  return !(error instanceof DomainError) || passingKinds.has(error.kind);
}

/** A failure in two texts that may be stored and logged. */
export interface Failure {
  /** The domain error's or the driver's code, else the name of the error. */
  readonly code: string;
  /** At most 500 characters. */
  readonly message: string;
}

/** Describes an error without the rows that a database driver writes into its message. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: typeof error, message: 'Something that is no Error was thrown.' };
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  if (typeof code !== 'string') return { code: error.name, message: shorten(error.message) };
  if (!isSqlState(code)) return { code, message: shorten(error.message) };
  const place = typeof constraint === 'string' ? ` at ${constraint}` : '';
  return { code, message: `The database refused a statement (${error.name}${place}).` };
}

const isSqlState = (code: string): boolean => /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code);

const shorten = (message: string): string => message.slice(0, MAX_MESSAGE_LENGTH);
