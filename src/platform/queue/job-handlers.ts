import type { JsonObject } from '../../kernel/json.js';
import type { QueueName } from './queues.js';

/** What does the jobs of one name. */
export interface JobHandler {
  readonly queue: QueueName;
  readonly name: string;
  /**
   * Does one job; it may come twice, at the same time too, so the tables must tell what is still to be done.
   * `signal` fires when the job was taken away or the process ends.
   */
  handle(data: JsonObject, signal?: AbortSignal): Promise<void>;
}

/** Every job of this build has exactly one handler, registered before the workers start. */
export class JobHandlers {
  private readonly handlers = new Map<string, JobHandler>();

  /** @throws Error when the jobs of this name are handled already */
  register(handler: JobHandler): void {
    const key = `${handler.queue} ${handler.name}`;
    if (this.handlers.has(key)) {
      throw new Error(`The jobs ${handler.name} of the queue ${handler.queue} have two handlers; keep one.`);
    }
    this.handlers.set(key, handler);
  }

  /** @throws Error for a job that no handler was registered for */
  get(queue: QueueName, name: string): JobHandler {
    const handler = this.handlers.get(`${queue} ${name}`);
    if (!handler) throw new Error(`The jobs ${name} of the queue ${queue} have no handler in this build.`);
    return handler;
  }

  /** The queues that have something to do here. */
  queues(): ReadonlySet<QueueName> {
    return new Set([...this.handlers.values()].map(({ queue }) => queue));
  }
}
