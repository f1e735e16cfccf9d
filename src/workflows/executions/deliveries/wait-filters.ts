import type { Unit } from '../../../audit/audit.contract.js';
import type { JsonObject, JsonValue } from '../../../kernel/json.js';
import type { Logger } from '../../../platform/logging/logger.js';
import { conditionHolds } from '../../definitions/conditions.js';
import type { Definitions } from '../../definitions/definitions.js';
import type { ConditionForm, WaitForEventStep } from '../../engine/definition.js';
import { stepOf } from '../../engine/definition-index.js';
import { scopeOf } from '../../engine/scope.js';
import { stateOf, type ExecutionSnapshot } from '../execution-snapshot.js';
import type { EventWait } from './event-waits.js';

/** The condition of each wait's configuration, which is compiled once for as long as its definition is in memory. */
const forms = new WeakMap<WaitForEventStep['configuration'], ConditionForm>();

const SNAPSHOTS = `select execution_snapshot(e) as execution from workflow_executions e
  where organization_id = ? and id in (select value::uuid from jsonb_array_elements_text(?::jsonb))`;

/** Tells which waits an event satisfies, beyond the value that they look for. */
export class WaitFilters {
  constructor(
    private readonly definitions: Definitions,
    private readonly logger: Logger,
  ) {}

  /** Those without a filter, and those whose filter holds over the event and what the execution's templates read. */
  async passing(unit: Unit, waits: readonly EventWait[], event: JsonObject): Promise<EventWait[]> {
    const filtered = await Promise.all(waits.map(async (wait) => ({ wait, filter: await this.filterOf(unit, wait) })));
    const ids = filtered.flatMap(({ wait, filter }) => (filter ? [wait.executionId] : []));
    const executions = await readExecutions(unit, ids);
    return filtered
      .filter(({ wait, filter }) => {
        const execution = executions.get(wait.executionId);
        return !filter || (execution !== undefined && this.holds(filter, event, wait, execution));
      })
      .map(({ wait }) => wait);
  }

  private async filterOf(unit: Unit, wait: EventWait): Promise<ConditionForm | undefined> {
    const { organizationId } = unit.actor;
    const definition = await this.definitions.get(organizationId, wait.workflowId, wait.definitionVersion);
    const { configuration } = stepOf(definition, wait.stepId) as WaitForEventStep;
    return configuration.filter === undefined ? undefined : formOf(configuration, configuration.filter);
  }

  /** A filter that cannot be computed over this event does not hold. */
  private holds(filter: ConditionForm, event: JsonObject, wait: EventWait, execution: ExecutionSnapshot): boolean {
    const { id, now } = execution;
    const scope = { ...scopeOf(stateOf(execution), id, wait.scope), event };
    try {
      return conditionHolds(filter, scope, { executionId: id, now: new Date(now) });
    } catch (error) {
      const fields = { event: 'wait-filter-failed', executionId: id, stepId: wait.stepId, error };
      this.logger.warn(fields, 'The filter of a waiting step cannot be computed over an event.');
      return false;
    }
  }
}

function formOf(configuration: WaitForEventStep['configuration'], filter: JsonValue): ConditionForm {
  let form = forms.get(configuration);
  if (!form) forms.set(configuration, (form = { condition: filter }));
  return form;
}

async function readExecutions(unit: Unit, ids: readonly string[]): Promise<ReadonlyMap<string, ExecutionSnapshot>> {
  if (ids.length === 0) return new Map();
  const values = [unit.actor.organizationId, JSON.stringify([...new Set(ids)])];
  const rows = await unit.em.execute<{ execution: ExecutionSnapshot }[]>(SNAPSHOTS, values);
  return new Map(rows.map(({ execution }) => [execution.id, execution]));
}
