import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import { DomainError, type ErrorKind, type Violation } from '../../kernel/domain-error.js';
import { isDatabaseAway, sqlStateOf } from './database-faults.js';
import type { ParameterViolation } from './invalid-input.js';

/** Media type of every error answer (RFC 9457). */
export const PROBLEM_TYPE = 'application/problem+json';

/** An error as it is answered: a problem document in which `success` and `error` serve clients of the envelope. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Path of the request. */
  readonly instance?: string;
  readonly code: string;
  readonly errors?: readonly (Violation | ParameterViolation)[];
  readonly correlationId?: string;
  readonly success: false;
  readonly error: string;
  readonly [member: string]: unknown;
}

/** What of the request goes into a problem, and what decides about it. */
export interface ProblemPlace {
  readonly path?: string;
  readonly method?: string;
  readonly correlationId?: string;
  /** Whether the caller named the version that the change is for. */
  readonly hasExpectedVersion?: boolean;
  /** Whether the caller goes on in a list; all other input has been checked when it reaches the database. */
  readonly hasCursor?: boolean;
}

const statuses: Readonly<Record<ErrorKind, number>> = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  stale: 412,
  'too-large': 413,
  invalid: 422,
  'too-many-requests': 429,
  unavailable: 503,
};

/** The problem document of anything that was thrown. Of an unexpected error nothing but its being unexpected is told. */
export const problemOf = (error: unknown, place: ProblemPlace): Problem => problemFrom(describe(error, place), place);

/** The problem document with a status, a stable code, and a sentence that says what is wrong and how to cure it. */
export function problemFrom({ status, code, message, members }: Description, place: ProblemPlace): Problem {
  const { violations, parameterViolations, ...others } = members;
  const errors = [...(violations ?? []), ...(parameterViolations ?? [])];
  return {
    ...others,
    type: `urn:proviso:problem:${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: message,
    instance: place.path,
    code,
    errors: errors.length > 0 ? errors : undefined,
    correlationId: place.correlationId,
    success: false,
    error: message,
  };
}

/** What a problem says, before it becomes a document. */
export interface Description {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly members: {
    readonly violations?: readonly Violation[];
    readonly parameterViolations?: readonly ParameterViolation[];
    readonly [member: string]: unknown;
  };
}

function describe(error: unknown, place: ProblemPlace): Description {
  if (error instanceof DomainError) return describeDomainError(error);
  if (error instanceof HttpException) return describeHttpException(error, place);
  return describeFrameworkError(error) ?? describeDatabaseError(error, place) ?? unexpected;
}

function describeDomainError({ kind, code, message, details }: DomainError): Description {
  const { cause: _cause, parameter, ...members } = details;
  const parameterViolations = typeof parameter === 'string' ? [{ parameter, message }] : undefined;
  return {
    status: statuses[kind],
    code,
    message,
    members: { ...(parameterViolations && { parameterViolations }), ...members },
  };
}

/** What the framework and its plugins refuse, by their own code. */
const frameworkCodes: Readonly<Record<string, readonly [status: number, code: string, message: string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    415,
    'unsupported-media-type',
    'Bodies of this media type are not read here; send application/json.',
  ],
  FST_ERR_CTP_BODY_TOO_LARGE: [
    413,
    'body-too-large',
    'The body is larger than this route takes (1 MiB unless said otherwise); send less at once.',
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    400,
    'invalid-content-length',
    'The body is not as long as Content-Length says.',
  ],
  FST_ERR_BAD_URL: [400, 'invalid-url', 'The URL holds a broken percent-encoding.'],
  FST_ERR_MAX_PARAM_LENGTH: [414, 'url-too-long', 'A part of the path is longer than 100 characters.'],
};

function describeFrameworkError(error: unknown): Description | undefined {
  const { code } = Object(error) as { code?: unknown };
  const known = typeof code === 'string' ? frameworkCodes[code] : undefined;
  return known && { status: known[0], code: known[1], message: known[2], members: {} };
}

const httpCodes: Readonly<Record<number, string>> = {
  400: 'bad-request',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  406: 'not-acceptable',
  415: 'unsupported-media-type',
  429: 'too-many-requests',
  503: 'unavailable',
};

function describeHttpException(exception: HttpException, { method, path }: ProblemPlace): Description {
  const known = describeFrameworkError(exception.cause);
  if (known) return known;
  const status = exception.getStatus();
  if (status === 404 && /^Cannot [A-Z]+ /.test(exception.message)) {
    return {
      status,
      code: 'no-such-route',
      message: `There is no ${method ?? 'such'} ${path ?? 'route'} here.`,
      members: {},
    };
  }
  if (status >= 500 && status !== 503) return unexpected;
  return { status, code: httpCodes[status] ?? `http-${status}`, message: exception.message, members: {} };
}

/** Class 22: a text is not of the type that a statement takes it for. */
const DATA_EXCEPTION = /^22/;
const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';

function describeDatabaseError(
  error: unknown,
  { hasExpectedVersion, hasCursor }: ProblemPlace,
): Description | undefined {
  if (isDatabaseAway(error)) {
    const message = 'The service cannot reach its database at the moment; try again.';
    return { status: 503, code: 'database-unavailable', message, members: { retryAfterSeconds: 1 } };
  }
  if (error instanceof Error && error.name === 'OptimisticLockError') {
    const message = 'Somebody else changed it meanwhile; read it again and repeat the change.';
    return { status: hasExpectedVersion ? 412 : 409, code: 'stale-version', message, members: {} };
  }
  const sqlState = sqlStateOf(error);
  if (hasCursor && sqlState !== undefined && DATA_EXCEPTION.test(sqlState)) return badCursor;
  if (sqlState === UNIQUE_VIOLATION)
    return conflicting('already-exists', 'Something with the same unique values exists already.');
  if (sqlState === FOREIGN_KEY_VIOLATION) {
    return conflicting(
      'still-referenced',
      'It refers to something that does not exist, or something still refers to it.',
    );
  }
  return undefined;
}

const badCursor: Description = {
  status: 400,
  code: 'bad-cursor',
  message: 'The cursor is not one that this list gave; start again without it.',
  members: { parameterViolations: [{ parameter: 'cursor', message: 'It is not one that this list gave.' }] },
};

const conflicting = (code: string, message: string): Description => ({ status: 409, code, message, members: {} });

const unexpected: Description = {
  status: 500,
  code: 'internal',
  message: 'Something went wrong here; the correlation id finds it in the log.',
  members: {},
};
