import { hostname } from 'node:os';
import pino, { type DestinationStream, type LoggerOptions } from 'pino';
import type { Configuration } from '../config/configuration.js';
import { currentLogContext } from './log-context.js';
import { describeError } from './described-error.js';
import { masked } from './masked.js';

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

/** The process's logger. Lines go to `destination`, by default standard output, made readable for people at a terminal. */
export function createLogger(
  configuration: Pick<Configuration, 'LOG_LEVEL' | 'NODE_ENV'>,
  destination?: DestinationStream,
): Logger {
  const options: LoggerOptions = {
    level: configuration.LOG_LEVEL,
    base: { application: 'proviso', environment: configuration.NODE_ENV, hostname: hostname() },
    timestamp: timeMember,
    formatters: {
      level: (level) => ({ level }),
      log: (fields) => masked(withContext(fields)) as Record<string, unknown>,
    },
    messageKey: 'message',
    serializers: { error: describeError },
  };
  if (destination) return pino(options, destination);
  const isForPeople = configuration.NODE_ENV === 'development' && process.stdout.isTTY;
  return isForPeople
    ? pino({ ...options, transport: { target: 'pino-pretty', options: prettyOptions } })
    : pino(options, standardOutput());
}

/** Lines leave together, after 100 ms at most and at the exit: no request waits until its line is written. */
function standardOutput(): DestinationStream {
  const output = pino.destination({
    dest: 1,
    sync: false,
    minLength: 16_000,
    periodicFlush: 100,
    contentMode: 'buffer',
  });
  // As bytes: of texts it measures all that waits anew with each line, which costs more than to make the line.
  const bytes = output as unknown as { write(bytes: Buffer): boolean };
  return { write: (line) => void bytes.write(Buffer.from(line)) };
}

const prettyOptions = { messageKey: 'message', ignore: 'application,environment,hostname' };

/** What a line says itself counts; that of a request says all of it. */
function withContext(fields: Record<string, unknown>): Record<string, unknown> {
  if ('correlationId' in fields && 'organizationId' in fields) return fields;
  const context = currentLogContext();
  if (!context) return fields;
  return { correlationId: context.correlationId, organizationId: context.organizationId, ...fields };
}

let lastTime = 0;
let lastTimeMember = '';

/** Many lines of a busy process are of the same millisecond, and its text is the dearest member of a line. */
function timeMember(): string {
  const now = Date.now();
  if (now !== lastTime) {
    lastTime = now;
    lastTimeMember = `,"time":"${new Date(now).toISOString()}"`;
  }
  return lastTimeMember;
}
