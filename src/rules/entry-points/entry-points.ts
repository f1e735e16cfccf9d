import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { DomainError, invalid } from '../../kernel/domain-error.js';
import { ChangeFollower } from '../../platform/cache/change-follower.js';
import { Sql } from '../../platform/database/sql.js';
import { compileContextSchema, type ContextCheck } from './context-schema.js';
import type { EntryPoint } from './entry-point.js';
import { hiddenPathViolations, type HiddenTree, hiddenTreeOf } from './hidden-tree.js';

/** The scope under which processes follow an organization's own entry points. */
export const ENTRY_POINTS_SCOPE = 'entry-points';

/** An entry point ready for decisions. */
export interface PreparedEntryPoint extends EntryPoint {
  readonly check: ContextCheck;
  /** Its sensitive and personal paths; undefined when it has none, and then nothing is sealed. */
  readonly hidden: HiddenTree | undefined;
}

type ByName = ReadonlyMap<string, PreparedEntryPoint>;

/** Every entry point: those that contexts register at start, and those that an organization made. */
@Injectable()
export class EntryPoints {
  private readonly registered = new Map<string, PreparedEntryPoint>();
  private readonly custom = new LRUCache<string, Promise<ByName>>({ max: 1_000 });

  constructor(
    private readonly sql: Sql,
    private readonly follower: ChangeFollower,
  ) {}

  /** @throws Error when the name is taken, as an entry point has one owner, or a hidden path cannot be in its schema */
  register(entryPoint: EntryPoint): void {
    if (this.registered.has(entryPoint.name))
      throw new Error(`The entry point ${entryPoint.name} is registered twice.`);
    const [violation] = hiddenPathViolations(entryPoint);
    if (violation) throw new Error(`The entry point ${entryPoint.name} is faulty: ${violation.message}.`);
    this.registered.set(entryPoint.name, prepare(entryPoint));
  }

  isRegistered(name: string): boolean {
    return this.registered.has(name);
  }

  /** @throws not-found `unknown-entry-point` */
  async get(organizationId: string, name: string): Promise<PreparedEntryPoint> {
    const found = this.registered.get(name) ?? (await this.customOf(organizationId)).get(name);
    if (!found) {
      throw new DomainError('not-found', 'unknown-entry-point', `There is no entry point called ${name}.`);
    }
    return found;
  }

  async all(organizationId: string): Promise<readonly PreparedEntryPoint[]> {
    const custom = await this.customOf(organizationId);
    return [...this.registered.values(), ...custom.values()].sort((a, b) => a.name.localeCompare(b.name));
  }

  /**
   * The name of the one entry point of an entity, the sources' way to say where a rule belongs.
   * @throws invalid `unknown-entity` or `ambiguous-entity` (its `entryPoints` lists the choices)
   */
  async nameOfEntity(organizationId: string, entity: string): Promise<string> {
    const names = (await this.all(organizationId)).filter((point) => point.entity === entity).map(({ name }) => name);
    if (names.length === 1) return names[0]!;
    if (names.length === 0) throw invalid('unknown-entity', `No entry point belongs to the entity ${entity}.`);
    throw invalid('ambiguous-entity', `The entity ${entity} has several entry points; name one as entryPoint.`, {
      entryPoints: names,
    });
  }

  /** Keyed by revision, so what an organization changed is never found stale. */
  private customOf(organizationId: string): Promise<ByName> {
    const key = `${organizationId} ${this.follower.revision(organizationId, ENTRY_POINTS_SCOPE)}`;
    const known = this.custom.get(key);
    if (known) return known;
    const loading = this.load(organizationId);
    this.custom.set(key, loading);
    loading.catch(() => this.custom.delete(key));
    return loading;
  }

  private async load(organizationId: string): Promise<ByName> {
    const rows = await this.sql.read<EntryPoint & Record<string, unknown>>(
      organizationId,
      `select name, description, schema, writable_fields as "writableFields", failure_policy as "failurePolicy",
         sensitive_paths as "sensitivePaths", personal_paths as "personalPaths"
       from entry_points`,
    );
    return new Map(rows.map((row) => [row.name, prepare(row)]));
  }
}

const prepare = (entryPoint: EntryPoint): PreparedEntryPoint => ({
  ...entryPoint,
  check: compileContextSchema(entryPoint.schema),
  hidden: hiddenTreeOf(entryPoint),
});
