import type { EventTypes, Reaction, StoredEvent, Unit } from '../../../audit/audit.contract.js';
import type { Queues } from '../../../platform/queue/queues.js';
import { deliver } from '../deliveries/delivery.js';
import type { EventDeliveries } from '../deliveries/event-deliveries.js';

export interface ResumeExecutionsDependencies {
  readonly eventTypes: EventTypes;
  readonly deliveries: EventDeliveries;
  readonly queues: Queues;
}

/** Delivers events to the steps that wait for them. A step waits from its beginning on for what is told after that. */
export class ResumeExecutionsWhenEventHappened implements Reaction {
  readonly name = 'resume-executions-when-event-happened';

  constructor(private readonly dependencies: ResumeExecutionsDependencies) {}

  get eventTypes(): readonly string[] {
    return this.dependencies.eventTypes.published();
  }

  async handle(unit: Unit, events: readonly StoredEvent[]): Promise<void> {
    const { deliveries, queues } = this.dependencies;
    await deliver(unit, queues, await deliveries.find(unit, events));
  }
}
