import { conflict, stale } from '../../kernel/domain-error.js';
import type { DomainEvent } from '../../kernel/domain-event.js';
import type { JsonObject } from '../../kernel/json.js';
import { mutable } from '../../platform/database/mapping.js';

/** What an author writes: everything of a function that has versions. */
export interface AuthoredFunction {
  /** What it is for. */
  readonly description: string;
  /** JavaScript identifiers, in order. */
  readonly parameters: readonly string[];
  /** The function's body, JavaScript. */
  readonly source: string;
}

const event = (type: string, payload: JsonObject): DomainEvent => ({
  type: `rules.function-${type}`,
  version: 1,
  payload,
});

/** A function of an organization that its rules call by name. Each save makes a new version; the live one goes on. */
export class CustomFunction {
  readonly id!: string;
  readonly organizationId!: string;
  readonly name!: string;
  /** Counts every change of state; guards against two writers at once. */
  readonly version!: number;
  /** Number of the newest definition, from 1. */
  readonly definitionVersion!: number;
  /** The version that rules call, or null while nothing was published. */
  readonly liveVersion!: number | null;
  readonly definition!: AuthoredFunction;
  readonly createdAt!: Date;
  readonly createdBy!: string;
  readonly updatedAt!: Date;
  readonly updatedBy!: string;
  readonly archivedAt!: Date | null;

  private constructor() {}

  /** A new function with version 1, not yet live. */
  static create(
    place: { id: string; organizationId: string; name: string },
    definition: AuthoredFunction,
    by: { userId: string; now: Date },
  ): { customFunction: CustomFunction; events: DomainEvent[] } {
    const customFunction = new CustomFunction();
    Object.assign(mutable(customFunction), {
      ...place,
      definitionVersion: 1,
      liveVersion: null,
      definition,
      createdAt: by.now,
      createdBy: by.userId,
      updatedAt: by.now,
      updatedBy: by.userId,
      archivedAt: null,
    });
    return { customFunction, events: [event('created', customFunction.saved())] };
  }

  /** Saves a new version. @throws stale when `expectedVersion` is not the newest */
  revise(
    definition: AuthoredFunction,
    by: { userId: string; now: Date },
    expectedVersion: number | undefined,
  ): DomainEvent[] {
    this.assertNewest(expectedVersion);
    const state = mutable<CustomFunction>(this);
    state.definition = definition;
    state.definitionVersion += 1;
    state.updatedAt = by.now;
    state.updatedBy = by.userId;
    return [event('revised', this.saved())];
  }

  /** Makes the newest version the one that rules call. @throws stale */
  publish(expectedVersion: number | undefined): DomainEvent[] {
    this.assertNewest(expectedVersion);
    if (this.liveVersion === this.definitionVersion) return [];
    const previous = this.liveVersion;
    mutable<CustomFunction>(this).liveVersion = this.definitionVersion;
    return [event('published', { name: this.name, version: this.definitionVersion, previous })];
  }

  /**
   * Takes the function out of the lists; its name may be used anew. Its versions stay for recorded decisions.
   * @throws stale, conflict `function-in-use` while `callers` rules call it
   */
  remove(now: Date, callers: number, expectedVersion: number | undefined): DomainEvent[] {
    this.assertNewest(expectedVersion);
    if (callers > 0) {
      const message = `Rules that call ${this.name}: ${callers}; change or archive them first.`;
      throw conflict('function-in-use', message, { rules: callers });
    }
    const previous = this.liveVersion;
    Object.assign(mutable<CustomFunction>(this), { archivedAt: now, liveVersion: null });
    return [event('removed', { name: this.name, previous })];
  }

  private saved(): JsonObject {
    const { description, parameters, source } = this.definition;
    return { name: this.name, version: this.definitionVersion, definition: { description, parameters, source } };
  }

  private assertNewest(expectedVersion: number | undefined): void {
    if (expectedVersion === undefined || expectedVersion === this.definitionVersion) return;
    throw stale(
      `The function is at version ${this.definitionVersion}, not ${expectedVersion}; read it again and repeat your change.`,
      { currentVersion: this.definitionVersion },
    );
  }
}
