import { AsyncLocalStorage } from 'node:async_hooks';

/** What every log line of one request or job carries, besides what it says itself. */
export interface LogContext {
  readonly correlationId: string;
  /** Known once the caller is; may be a getter. */
  readonly organizationId?: string | undefined;
}

const contexts = new AsyncLocalStorage<LogContext>();

/** Runs `work`, and all that it starts, with the context on each of its log lines. */
export const withLogContext = <R>(context: LogContext, work: () => R): R => contexts.run(context, work);

/** The context of the running request or job; undefined between them. */
export const currentLogContext = (): LogContext | undefined => contexts.getStore();
