import type { LoggerService } from '@nestjs/common';
import type { Logger } from './logger.js';

/** Takes the framework's own messages into the process's log. Its start-up chatter is of the level debug. */
export class FrameworkLogs implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(fieldsOf(rest), String(message));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.logger.debug(fieldsOf(rest), String(message));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.logger.trace(fieldsOf(rest), String(message));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn(fieldsOf(rest), String(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    const error = message instanceof Error ? message : rest.find((part) => part instanceof Error);
    const text = message instanceof Error ? message.message : String(message);
    this.logger.error({ ...fieldsOf(rest), error }, text);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.error(message, ...rest);
  }
}

/** The framework puts the name of the speaker last. */
function fieldsOf(rest: readonly unknown[]): { event: string; context?: string } {
  const context = rest.at(-1);
  return { event: 'framework', ...(typeof context === 'string' && { context }) };
}
