import { conflict, stale } from '../../kernel/domain-error.js';
import type { DomainEvent } from '../../kernel/domain-event.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { mutable } from '../../platform/database/mapping.js';
import type { RuleAction } from '../engine/rule.js';

/** What an author writes: everything of a rule that has versions. Exactly one of `condition` and `conditions` is there. */
export interface AuthoredRule {
  readonly name: string;
  readonly description: string;
  readonly priority: number;
  readonly enabled: boolean;
  /** ISO 8601; the rule is active from this instant, inclusive. */
  readonly validFrom: string | null;
  /** ISO 8601; the rule is active before this instant. */
  readonly validUntil: string | null;
  /** Whether rules after this one are left out once it matched. */
  readonly stopOnMatch: boolean;
  /** JSONLogic. */
  readonly condition?: JsonValue;
  /** Field form, read left to right. */
  readonly conditions?: readonly JsonObject[];
  readonly actions: readonly RuleAction[];
  readonly tags: readonly string[];
  readonly metadata: JsonObject;
}

const event = (type: string, payload: JsonObject): DomainEvent => ({ type: `rules.rule-${type}`, version: 1, payload });

/**
 * A rule of one entry point. Each save makes a new definition version; the live one goes on until another is published.
 */
export class Rule {
  readonly id!: string;
  readonly organizationId!: string;
  readonly entryPoint!: string;
  /** The key under which it was imported; null for a rule that was written here. */
  readonly importedKey!: string | null;
  /** Counts every change of state; guards against two writers at once. */
  readonly version!: number;
  /** Number of the newest definition, from 1. */
  readonly definitionVersion!: number;
  /** Definition version that takes part in decisions, or null. */
  readonly liveVersion!: number | null;
  readonly definition!: AuthoredRule;
  readonly createdAt!: Date;
  readonly createdBy!: string;
  readonly updatedAt!: Date;
  readonly updatedBy!: string;
  readonly archivedAt!: Date | null;

  private constructor() {}

  /** A new rule with definition version 1, not yet live. */
  static create(
    place: { id: string; organizationId: string; entryPoint: string; importedKey?: string },
    definition: AuthoredRule,
    by: { userId: string; now: Date },
  ): { rule: Rule; events: DomainEvent[] } {
    const rule = new Rule();
    Object.assign(mutable(rule), {
      importedKey: null,
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
    return { rule, events: [event('created', rule.saved())] };
  }

  /**
   * Saves a new definition; `restores` is the earlier version that it is equal to, if it was made to be.
   * @throws stale when `expectedVersion` is not the newest, conflict when archived
   */
  revise(
    definition: AuthoredRule,
    by: { userId: string; now: Date },
    { expectedVersion, restores }: { expectedVersion: number | undefined; restores?: number },
  ): DomainEvent[] {
    this.assertPresent();
    this.assertNewest(expectedVersion);
    const state = mutable<Rule>(this);
    state.definition = definition;
    state.definitionVersion += 1;
    state.updatedAt = by.now;
    state.updatedBy = by.userId;
    return [event('revised', { ...this.saved(), ...(restores !== undefined && { restores }) })];
  }

  /** Puts the newest definition in force. @throws stale, conflict when archived */
  publish(expectedVersion: number | undefined): DomainEvent[] {
    this.assertPresent();
    this.assertNewest(expectedVersion);
    if (this.liveVersion === this.definitionVersion) return [];
    const previous = this.liveVersion;
    mutable<Rule>(this).liveVersion = this.definitionVersion;
    return [event('published', { entryPoint: this.entryPoint, version: this.definitionVersion, previous })];
  }

  /** Takes the rule out of force; its versions stay. */
  deactivate(): DomainEvent[] {
    this.assertPresent();
    if (this.liveVersion === null) return [];
    const previous = this.liveVersion;
    mutable<Rule>(this).liveVersion = null;
    return [event('deactivated', { entryPoint: this.entryPoint, version: previous })];
  }

  /** Takes the rule out of force and out of the lists. Recorded decisions keep referring to its versions. */
  archive(now: Date, expectedVersion: number | undefined): DomainEvent[] {
    this.assertNewest(expectedVersion);
    const events = this.deactivate();
    mutable<Rule>(this).archivedAt = now;
    return [...events, event('archived', { entryPoint: this.entryPoint })];
  }

  private saved(): JsonObject {
    return {
      entryPoint: this.entryPoint,
      version: this.definitionVersion,
      definition: this.definition as unknown as JsonObject,
    };
  }

  private assertPresent(): void {
    if (this.archivedAt !== null) throw conflict('rule-archived', 'The rule is archived; create a new one instead.');
  }

  private assertNewest(expectedVersion: number | undefined): void {
    if (expectedVersion === undefined || expectedVersion === this.definitionVersion) return;
    throw stale(
      `The rule is at version ${this.definitionVersion}, not ${expectedVersion}; read it again and repeat your change.`,
      { currentVersion: this.definitionVersion },
    );
  }
}

/** The name under which bundles know the rule, in whatever organization. */
export const keyOf = ({ importedKey, id }: Pick<Rule, 'importedKey' | 'id'>): string => importedKey ?? id;
