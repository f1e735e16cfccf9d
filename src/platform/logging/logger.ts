import { hostname } from 'node:os';
import pino, { type DestinationStream, type LoggerOptions } from 'pino';
import type { Configuration } from '../config/configuration.js';
import { currentLogContext } from './log-context.js';
import { describeError } from './described-error.js';

/** The members of a line. `event` is a stable name to search for, such as `rule-failed`; an error goes into `error`. */
export interface LogFields {
  readonly event: string;
  readonly error?: unknown;
  readonly [member: string]: unknown;
}

/** Writes structured lines: one JSON object each, with time, level, application, host, correlation and organization. */
export abstract class Logger {
  abstract trace(fields: LogFields, message?: string): void;
  abstract debug(fields: LogFields, message?: string): void;
  abstract info(fields: LogFields, message?: string): void;
  abstract warn(fields: LogFields, message?: string): void;
  abstract error(fields: LogFields, message?: string): void;
}

const secretNames = [
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'secret',
  'token',
  'accessToken',
  'refreshToken',
  'access_token',
  'refresh_token',
  'apiKey',
  'privateKey',
  'encryptionKey',
  'x-api-key',
];

/** A secret is masked at the top of a line and in the two levels below. */
const secretPaths = secretNames.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);

/** The process's logger. Lines go to `destination`, by default standard output, made readable for people at a terminal. */
export function createLogger(
  configuration: Pick<Configuration, 'LOG_LEVEL' | 'NODE_ENV'>,
  destination?: DestinationStream,
): Logger {
  const options: LoggerOptions = {
    level: configuration.LOG_LEVEL,
    base: { application: 'proviso', environment: configuration.NODE_ENV, hostname: hostname() },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
    messageKey: 'message',
    serializers: { error: describeError },
    redact: { paths: secretPaths, censor: '***' },
    mixin: contextMembers,
  };
  if (destination) return pino(options, destination);
  const isForPeople = configuration.NODE_ENV === 'development' && process.stdout.isTTY;
  return isForPeople
    ? pino({ ...options, transport: { target: 'pino-pretty', options: prettyOptions } })
    : pino(options);
}

const prettyOptions = { messageKey: 'message', ignore: 'application,environment,hostname' };

function contextMembers(): object {
  const context = currentLogContext();
  if (!context) return {};
  return { correlationId: context.correlationId, organizationId: context.organizationId };
}
