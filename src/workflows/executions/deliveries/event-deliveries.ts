import type { StoredEvent, Unit } from '../../../audit/audit.contract.js';
import { canonicalJson } from '../../../kernel/canonical-json.js';
import type { JsonObject } from '../../../kernel/json.js';
import type { Delivery } from './delivery.js';
import { type EventWait, matchedFields, type MatchedField, matchingWaits } from './event-waits.js';
import { matchKeyOf } from './match-key.js';
import { describeEvent, valueAt } from './told-event.js';
import type { WaitFilters } from './wait-filters.js';

const PAGE = 500;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/** Which runs wait for which of some events. */
export class EventDeliveries {
  constructor(private readonly filters: WaitFilters) {}

  /** What is to be delivered because these events happened; each run gets the first one that it waits for. */
  async find(unit: Unit, events: readonly StoredEvent[]): Promise<Delivery[]> {
    const { organizationId } = unit.actor;
    const fields = await matchedFields(unit.em, organizationId, new Set(events.map(({ type }) => type)));
    const deliveries = new Map<string, Delivery>();
    for (const told of events.map(describeEvent)) {
      const read = fields.filter(({ eventType }) => eventType === told.type);
      for (const stepRunId of await this.waitsFor(unit, told, read)) {
        if (!deliveries.has(stepRunId)) deliveries.set(stepRunId, { stepRunId, delivered: { output: told } });
      }
    }
    return [...deliveries.values()];
  }

  private async waitsFor(unit: Unit, told: JsonObject, fields: readonly MatchedField[]): Promise<string[]> {
    const ids: string[] = [];
    for (const field of fields) {
      for await (const { stepRunId } of this.wanting(unit, told, field)) ids.push(stepRunId);
    }
    return ids;
  }

  private async *wanting(unit: Unit, told: JsonObject, { eventType, field }: MatchedField): AsyncIterable<EventWait> {
    const value = soughtValue(told, field);
    if (value === undefined) return;
    const sought = { eventType, field, value, eventId: told.id as string };
    let after = BEFORE_ALL;
    for (let found = PAGE; found === PAGE;) {
      const waits = await matchingWaits(unit.em, unit.actor.organizationId, sought, { after, limit: PAGE });
      yield* await this.filters.passing(unit, waits, told);
      found = waits.length;
      after = waits.at(-1)?.stepRunId ?? after;
    }
  }
}

function soughtValue(event: JsonObject, field: string): string | undefined {
  if (field === '') return '';
  const value = valueAt(event, field);
  return value === undefined ? undefined : matchKeyOf(canonicalJson(value));
}
