import type { EventTypes, Reaction, StoredEvent, Unit } from '../../../audit/audit.contract.js';
import { DomainError } from '../../../kernel/domain-error.js';
import type { JsonObject, JsonValue } from '../../../kernel/json.js';
import type { Logger } from '../../../platform/logging/logger.js';
import { conditionHolds } from '../../definitions/conditions.js';
import { Workflow } from '../../definitions/workflow.js';
import { workflowNotStarted } from '../../triggers/trigger.events.js';
import { describeEvent } from '../deliveries/told-event.js';
import type { Executions } from '../executions.js';

export interface StartWorkflowsDependencies {
  readonly eventTypes: EventTypes;
  readonly executions: Executions;
  readonly logger: Logger;
}

/** Starts the workflows whose trigger is an event of this type and whose filter holds over it. */
export class StartWorkflowsWhenEventHappened implements Reaction {
  readonly name = 'start-workflows-when-event-happened';

  constructor(private readonly dependencies: StartWorkflowsDependencies) {}

  get eventTypes(): readonly string[] {
    return this.dependencies.eventTypes.published();
  }

  async handle(unit: Unit, events: readonly StoredEvent[]): Promise<void> {
    const rows = await unit.em.execute<{ id: string }[]>(
      `select id from workflows where organization_id = ? and archived_at is null and is_enabled
       and trigger_event_type in (select jsonb_array_elements_text(?::jsonb)) order by created_at, id`,
      [unit.actor.organizationId, JSON.stringify([...new Set(events.map(({ type }) => type))])],
    );
    if (rows.length === 0) return;
    const workflows = await unit.em.find(Workflow, { id: { $in: rows.map(({ id }) => id) } });
    for (const event of events) {
      for (const workflow of workflows) await this.startIfWanted(unit, workflow, event);
    }
  }

  private async startIfWanted(unit: Unit, workflow: Workflow, event: StoredEvent): Promise<void> {
    const { trigger } = workflow.definition;
    const data = describeEvent(event);
    if (trigger.type !== 'event' || trigger.eventType !== event.type) return;
    try {
      if (trigger.filter !== undefined && !filterHolds(trigger.filter, data, event)) return;
      const startKey = `event.${workflow.id}.${event.id}`;
      await this.dependencies.executions.start(unit.on(event), workflow, { event: data }, { startKey });
    } catch (error) {
      // What the database says is not the workflow's fault, and the transaction is over with it.
      if (!isAuthorsFault(error)) throw error;
      unit.on(event).record('workflow', workflow, workflowNotStarted(workflow, reasonOf(error)));
      this.dependencies.logger.warn(
        { event: 'workflow-not-started', workflowId: workflow.id, eventId: event.id, error },
        'A workflow was not started by an event that it waits for.',
      );
    }
  }
}

const filterHolds = (filter: JsonValue, data: JsonObject, event: StoredEvent): boolean =>
  conditionHolds({ condition: filter }, data, { executionId: event.id, now: event.occurredAt });

const isAuthorsFault = (error: unknown): error is Error =>
  error instanceof DomainError || (error instanceof Error && error.name === 'EvaluationError');

const reasonOf = (error: Error): { code: string; message: string } => ({
  code: error instanceof DomainError ? error.code : 'filter-failed',
  message: error.message,
});
