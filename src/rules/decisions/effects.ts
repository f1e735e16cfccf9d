import { Injectable } from '@nestjs/common';
import { MAX_DEPTH, type Unit } from '../../audit/audit.contract.js';
import { DomainError, invalid } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';
import type { Effect } from '../engine/effects.js';
import type { OwnedSubject } from '../entry-points/entry-point.js';
import type { PreparedEntryPoint } from '../entry-points/entry-points.js';
import { ActionTypes } from './action-types.js';
import type { Decided } from './decider.js';
import type { DecisionRecord, RecordedEffect } from './decision-record.js';

/** Where the effects of a decision go. */
export interface EffectTarget {
  readonly unit: Unit;
  readonly entryPoint: PreparedEntryPoint;
  readonly owned: OwnedSubject;
  readonly subject: { readonly type: string; readonly id: string };
}

/** Carries the effects of a decision out, in the transaction that also holds its record. */
@Injectable()
export class Effects {
  constructor(private readonly actionTypes: ActionTypes) {}

  /**
   * Writes the changed fields through their owner, then runs the other actions in order. Changes that the owner refuses
   * roll all effects back, before anything was done. At the end of a chain of causes nothing is carried out.
   * @returns the record, told what was applied
   * @throws DomainError when a later action is refused; the transaction must then be given up
   */
  async apply(target: EffectTarget, { decision, record }: Decided): Promise<DecisionRecord> {
    if (target.unit.actor.depth >= MAX_DEPTH) return tooDeep(record);
    const refusal = this.write(target, decision.changes);
    if (refusal) return rolledBack(target.entryPoint, record, refusal);
    const effects: RecordedEffect[] = [];
    for (const effect of decision.effects) effects.push(await this.applyOne(target, effect, record));
    return { ...record, effects };
  }

  private write({ entryPoint, owned, unit }: EffectTarget, changes: JsonObject): DomainError | undefined {
    if (Object.keys(changes).length === 0) return undefined;
    try {
      assertWritable(entryPoint, changes);
      owned.write(changes, unit);
      return undefined;
    } catch (error) {
      if (error instanceof DomainError) return error;
      throw error;
    }
  }

  private async applyOne(target: EffectTarget, effect: Effect, record: DecisionRecord): Promise<RecordedEffect> {
    const apply = this.actionTypes.applier(effect.type);
    if (effect.status !== 'effective') return { ...effect, applied: false };
    if (!apply) return { ...effect, applied: effect.type !== 'set_outcome' };
    const { unit, subject } = target;
    const { parameters } = effect;
    const { executionId, context } = record;
    return { ...effect, applied: true, result: await apply({ unit, parameters, executionId, subject, context }) };
  }
}

function assertWritable({ name, writableFields }: PreparedEntryPoint, changes: JsonObject): void {
  const refused = Object.keys(changes).find((field) => !writableFields.includes(field));
  if (refused === undefined) return;
  throw invalid('field-not-writable', `Rules of ${name} may not change ${refused}, only ${writableFields.join(', ')}.`);
}

/**
 * What is recorded when the effects could not be carried out: everything that was known, nothing applied. That is a
 * failure, so an entry point that closes on failures denies.
 */
export const rolledBack = (
  { failurePolicy }: PreparedEntryPoint,
  record: DecisionRecord,
  { code, message }: DomainError,
): DecisionRecord => ({
  ...record,
  outcome: 'effects_rolled_back',
  blocked: record.blocked || failurePolicy === 'fail_closed',
  effects: record.effects.map((effect) => ({ ...effect, applied: false, status: 'rolled_back' })),
  errors: [...record.errors, { ruleId: '', ruleName: '', code, message }],
});

/** What is recorded at the end of a chain of causes: what was decided, and that it causes nothing any more. */
const tooDeep = (record: DecisionRecord): DecisionRecord => ({
  ...record,
  outcome: 'too_deep',
  effects: record.effects.map((effect) => ({ ...effect, applied: false, status: 'too_deep' })),
  errors: [
    ...record.errors,
    {
      ruleId: '',
      ruleName: '',
      code: 'too-deep',
      message: `${MAX_DEPTH} causes lie behind this decision, the most that are allowed; its effects are left out.`,
    },
  ],
});
