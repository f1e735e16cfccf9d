import type { Logger } from '../logging/logger.js';
import { failureOf } from './failure.js';

const QUIET_MS = 10_000;

/** Logs a fault that may come many times a second once in ten seconds, with how often it came. */
export class ErrorLog {
  private readonly sources = new Map<string, { quietUntil: number; leftOut: number }>();

  constructor(private readonly logger: Logger) {}

  /** `event` is the stable name of the fault, `source` what it befell. */
  report(event: string, source: string, error: unknown): void {
    const key = `${event} ${source}`;
    const state = this.sources.get(key) ?? { quietUntil: 0, leftOut: 0 };
    this.sources.set(key, state);
    if (Date.now() < state.quietUntil) {
      state.leftOut++;
      return;
    }
    const { code, message } = failureOf(error);
    this.logger.warn({ event, source, code, leftOut: state.leftOut }, message);
    state.quietUntil = Date.now() + QUIET_MS;
    state.leftOut = 0;
  }
}
