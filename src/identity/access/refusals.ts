import { isIPv4 } from 'node:net';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { UnitOfWork } from '../../audit/audit.contract.js';
import type { Subject } from '../../kernel/domain-event.js';
import type { Actor } from '../../platform/http/actor.js';
import type { Logger } from '../../platform/logging/logger.js';
import { identityEvent } from '../identity.events.js';
import { type CountedRefusal, RefusalCounts } from './refusal-counts.js';

const LOOK_EVERY_MS = 5_000;

/** Why somebody was turned away, and where. */
export interface Refusal {
  readonly type: 'access-refused' | 'sign-in-failed';
  /** In whose name the event is written; its organization is the one that may read it. */
  readonly actor: Actor;
  /** Who is counted: an actor's id, or an address. */
  readonly who: string;
  /** Network address of the caller; the event holds only the network it lies in. */
  readonly address: string;
  /** Method and route pattern. */
  readonly route: string;
  /** Stable word, such as `permission-missing`. */
  readonly reason: string;
}

/** Writes refusals down as events, at most one a minute for the same who, route and reason. */
export class Refusals implements OnApplicationShutdown {
  private readonly counts = new RefusalCounts<Refusal>();
  private readonly timer = setInterval(() => this.write(this.counts.takeDue(Date.now())), LOOK_EVERY_MS).unref();
  private readonly writing = new Set<Promise<void>>();

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly logger: Logger,
  ) {}

  /** Counts a refusal. The answer does not wait for the event, so its time tells nothing about the caller. */
  count(refusal: Refusal): void {
    const { actor, who, route, reason } = refusal;
    this.write(this.counts.add([actor.organizationId, who, route, reason].join(' '), refusal, Date.now()));
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.write(this.counts.takeDue(Date.now(), true));
    await Promise.all(this.writing);
  }

  private write(due: readonly CountedRefusal<Refusal>[]): void {
    for (const counted of due) {
      const writing = this.append(counted).finally(() => this.writing.delete(writing));
      this.writing.add(writing);
    }
  }

  private async append({ refusal, count }: CountedRefusal<Refusal>): Promise<void> {
    const { type, actor, address, route, reason } = refusal;
    const subject: Subject = actor.subject ?? { type: actor.type, id: actor.id };
    const payload = { route, reason, count, network: networkOf(address) };
    this.logger.warn({ event: type, organizationId: actor.organizationId, route, reason, count });
    try {
      await this.unitOfWork.run({ ...actor, subject }, async (unit) =>
        unit.record('access', { id: subject.id, version: 0 }, identityEvent(type, payload)),
      );
    } catch (error) {
      this.logger.error({ event: 'refusal-not-recorded', error });
    }
  }
}

/** The network that an address lies in, /24 or /48: enough to see where refusals come from, without naming a person. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:/i, '');
  if (isIPv4(plain)) return plain.replace(/\.\d+$/, '.0/24');
  const head = plain.split('::')[0]!.split(':').filter(Boolean).slice(0, 3);
  return `${head.join(':')}::/48`;
}
