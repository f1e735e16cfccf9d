import { Injectable } from '@nestjs/common';
import type { Unit } from '../../audit/audit.contract.js';
import { notFound } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';
import type { EntryPointOwner, OwnedSubject } from '../entry-points/entry-point.js';
import type { PreparedEntryPoint } from '../entry-points/entry-points.js';
import { Decider, type Decided } from './decider.js';
import type { DecisionRecord } from './decision-record.js';
import { DecisionSealing, type SealingKeys } from './decision-sealing.js';
import { Effects } from './effects.js';
import { insertMatches } from './rule-matches.js';

/** One row to decide about, on the trail of whoever caused it. */
export interface DecisionTarget {
  /** The running transaction, as the actor whose trail the decision belongs to. */
  readonly unit: Unit;
  readonly subjectId: string;
  /** What the caller knows beside the row's own state, which wins. */
  readonly context?: JsonObject;
}

/** An entry point whose rows a context owns. */
export type OwnedEntryPoint = PreparedEntryPoint & { readonly owner: EntryPointOwner };

/** Told of a decision that was taken, before its effects are carried out. */
export type DecidedListener = (decided: Decided) => void;

/** What the decisions of one call share. */
interface Applying {
  readonly entryPoint: OwnedEntryPoint;
  readonly keys: SealingKeys;
  readonly onDecided: DecidedListener;
}

/** Takes decisions about rows and carries their effects out, all in one transaction with the records. */
@Injectable()
export class SubjectDecisions {
  constructor(
    private readonly decider: Decider,
    private readonly effects: Effects,
    private readonly sealing: DecisionSealing,
  ) {}

  /**
   * Decides about each target in order; the rows are loaded for update at once, and those that are gone are left out.
   * @throws DomainError when an action other than a change of fields is refused; the transaction must be given up
   */
  async apply(
    entryPoint: OwnedEntryPoint,
    targets: readonly DecisionTarget[],
    onDecided: DecidedListener = () => undefined,
  ): Promise<DecisionRecord[]> {
    const [first] = targets;
    if (!first) return [];
    const owned = await entryPoint.owner.load(first.unit, [...new Set(targets.map(({ subjectId }) => subjectId))]);
    const keys = await this.keysFor(entryPoint, first.unit.actor.organizationId, [...owned.keys()]);
    const records: DecisionRecord[] = [];
    for (const target of targets) {
      const row = owned.get(target.subjectId);
      if (row) records.push(await this.applyOne({ entryPoint, keys, onDecided }, target, row));
    }
    await insertMatches(first.unit.em, first.unit.actor.organizationId, records);
    return records;
  }

  /** Decides about one row as it stands, and changes nothing. @throws not-found */
  async rehearse(entryPoint: OwnedEntryPoint, target: DecisionTarget): Promise<DecisionRecord> {
    const owned = await entryPoint.owner.load(target.unit, [target.subjectId]);
    const row = owned.get(target.subjectId);
    if (!row) throw notFound(`The ${entryPoint.owner.subjectType}`, target.subjectId);
    return (await this.decide(entryPoint, target, row)).record;
  }

  private async applyOne(
    { entryPoint, keys, onDecided }: Applying,
    target: DecisionTarget,
    row: OwnedSubject,
  ): Promise<DecisionRecord> {
    const subject = { type: entryPoint.owner.subjectType, id: target.subjectId };
    const decided = await this.decide(entryPoint, target, row);
    onDecided(decided);
    const unit = target.unit.as({ ...target.unit.actor, subject });
    const record = await this.effects.apply({ unit, entryPoint, owned: row, subject }, decided);
    const event = this.sealing.event({ ...decided, record }, keys);
    unit.record('decision', { id: record.executionId, version: 1 }, event);
    return record;
  }

  /** The rows are locked meanwhile; the keys come from memory or over a connection that waits for no row. */
  private async keysFor(
    { hidden, owner }: OwnedEntryPoint,
    organizationId: string,
    ids: readonly string[],
  ): Promise<SealingKeys> {
    if (!hidden) return undefined;
    return this.sealing.keysFor(
      organizationId,
      ids.map((id) => ({ type: owner.subjectType, id })),
    );
  }

  private decide(entryPoint: OwnedEntryPoint, target: DecisionTarget, row: OwnedSubject): Promise<Decided> {
    const subject = { type: entryPoint.owner.subjectType, id: target.subjectId };
    const context = { ...target.context, ...row.context };
    return this.decider.decide(target.unit.actor, { entryPoint, context, subject });
  }
}
