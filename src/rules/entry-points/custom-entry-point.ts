import { stale } from '../../kernel/domain-error.js';
import type { DomainEvent } from '../../kernel/domain-event.js';
import type { JsonObject } from '../../kernel/json.js';
import { mutable } from '../../platform/database/mapping.js';
import type { FailurePolicy } from './entry-point.js';

/** What can be changed of an entry point that an organization made itself. */
export interface CustomEntryPointSettings {
  readonly description: string;
  readonly schema: JsonObject;
  readonly writableFields: readonly string[];
  readonly failurePolicy: FailurePolicy;
  /** Paths of the context whose values are sealed in the trail and shown to few. */
  readonly sensitivePaths: readonly string[];
  /** The same, of values about a person. */
  readonly personalPaths: readonly string[];
}

/** An entry point that an organization made over HTTP; it owns no rows, so its effects are answered, not applied. */
export class CustomEntryPoint {
  readonly id!: string;
  readonly organizationId!: string;
  readonly version!: number;
  readonly name!: string;
  readonly description!: string;
  readonly schema!: JsonObject;
  readonly writableFields!: string[];
  readonly failurePolicy!: FailurePolicy;
  readonly sensitivePaths!: string[];
  readonly personalPaths!: string[];
  readonly createdAt!: Date;

  private constructor() {}

  static create(
    place: { id: string; organizationId: string; name: string; createdAt: Date },
    settings: CustomEntryPointSettings,
  ): { entryPoint: CustomEntryPoint; events: DomainEvent[] } {
    const entryPoint = new CustomEntryPoint();
    Object.assign(mutable(entryPoint), place, settings);
    return { entryPoint, events: [entryPoint.event('created')] };
  }

  /** @throws stale when `expectedVersion` is not the present one */
  change(settings: CustomEntryPointSettings, expectedVersion: number | undefined): DomainEvent[] {
    if (expectedVersion !== undefined && expectedVersion !== this.version) {
      throw stale(`The entry point is at version ${this.version}, not ${expectedVersion}; read it again.`);
    }
    Object.assign(mutable<CustomEntryPoint>(this), settings);
    return [this.event('changed')];
  }

  remove(): DomainEvent[] {
    return [this.event('removed')];
  }

  private event(type: string): DomainEvent {
    const { name, description, schema, writableFields, failurePolicy, sensitivePaths, personalPaths } = this;
    return {
      type: `rules.entry-point-${type}`,
      version: 1,
      payload: { name, description, schema, writableFields, failurePolicy, sensitivePaths, personalPaths },
    };
  }
}
