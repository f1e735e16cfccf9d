import type { BeforeApplicationShutdown } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { DomainError, unavailable } from '../../kernel/domain-error.js';
import type { Metrics } from '../../platform/metrics/metrics.js';

const RETRY_AFTER_SECONDS = 10;

export interface StreamLimits {
  /** Most streams that one user or API key has open here. */
  readonly perActor: number;
  /** Most streams that are open here. */
  readonly inAll: number;
  /** How long a client may leave what it was sent unread, milliseconds. */
  readonly unreadForMs: number;
}

/** One open stream. */
export interface OpenStream {
  /** Fires when the client is gone, or the process ends. */
  readonly signal: AbortSignal;
  /** Forgets it. To be called when its connection is closed; more than once does no harm. */
  readonly close: () => void;
}

/** Every stream that this process has open: counts and bounds them, and ends them with the process. */
export class OpenStreams implements BeforeApplicationShutdown {
  private readonly open = new Map<AbortController, string>();
  private readonly cutOffs: Counter;
  private isClosing = false;

  constructor(
    readonly limits: StreamLimits,
    { registry }: Pick<Metrics, 'registry'>,
  ) {
    const open = this.open;
    new Gauge({
      name: 'workflow_event_streams',
      help: 'Clients that follow executions here now',
      registers: [registry],
      collect() {
        this.set(open.size);
      },
    });
    this.cutOffs = new Counter({
      name: 'workflow_event_streams_cut_off_total',
      help: 'Streams that were cut off because their client did not read',
      registers: [registry],
    });
  }

  /** @throws too-many-requests `too-many-streams` of one actor, unavailable `streams-full` or `closing` */
  add(actorId: string): OpenStream {
    if (this.isClosing) throw unavailable('closing', 'This process is about to end; connect again.');
    if (this.open.size >= this.limits.inAll) {
      const retry = { retryAfterSeconds: RETRY_AFTER_SECONDS };
      throw unavailable('streams-full', 'Too many streams are open here; come back later.', retry);
    }
    const own = [...this.open.values()].filter((id) => id === actorId).length;
    if (own >= this.limits.perActor) throw tooMany(this.limits.perActor);
    const controller = new AbortController();
    this.open.set(controller, actorId);
    return {
      signal: controller.signal,
      close: () => {
        this.open.delete(controller);
        controller.abort();
      },
    };
  }

  /** Counts a client that was cut off. */
  countCutOff(): void {
    this.cutOffs.inc();
  }

  /** Ends them all, so that the server need not wait for them. */
  beforeApplicationShutdown(): void {
    this.isClosing = true;
    for (const controller of this.open.keys()) controller.abort();
  }
}

const tooMany = (limit: number): DomainError =>
  new DomainError('too-many-requests', 'too-many-streams', `You have ${limit} streams open; close one.`, {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
