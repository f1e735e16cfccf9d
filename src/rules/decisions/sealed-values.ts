import { Injectable } from '@nestjs/common';
import {
  concealAll,
  decryptAll,
  ErasureMetrics,
  keyIdsIn,
  type KeyState,
  SubjectKeys,
} from '../../audit/audit.contract.js';
import { conflict } from '../../kernel/domain-error.js';
import type { JsonValue } from '../../kernel/json.js';
import type { ExecutionView } from './execution-view.js';

/** A recorded decision, or the part of one that is asked for. */
type Execution = Pick<ExecutionView, 'id' | 'sealed'>;

/** A recorded decision in plain values. */
export interface RevealedExecution<T extends Execution = ExecutionView> {
  readonly execution: T;
  /** Whether a key was destroyed, so that some values are gone for ever: `{"$encrypted": "erased"}` stands for each. */
  readonly isErased: boolean;
}

/** A recorded decision as far as it can be opened; `plain` when nothing in it was sealed. */
export interface OpenedExecution<T extends Execution = ExecutionView> {
  readonly execution: T;
  readonly state: 'plain' | 'opened' | 'erased' | 'unreadable';
}

/** Gives recorded decisions back in plain values, for computing with them; what readers may see is another question. */
@Injectable()
export class SealedValues {
  constructor(
    private readonly subjectKeys: SubjectKeys,
    private readonly metrics: ErasureMetrics,
  ) {}

  /**
   * The decisions in order, with one query for all keys that are not in memory.
   * @throws conflict `sealed-values-unreadable` when the values of one were changed or belong to a key that is not configured
   */
  async reveal<T extends Execution>(
    organizationId: string,
    executions: readonly T[],
  ): Promise<readonly RevealedExecution<T>[]> {
    const opened = await this.open(organizationId, executions);
    const damaged = opened.find(({ state }) => state === 'unreadable');
    if (damaged) throw unreadable(damaged.execution.id);
    return opened.map(({ execution, state }) => ({ execution, isErased: state === 'erased' }));
  }

  /** As reveal, but says of each decision how far it could be opened. */
  async open<T extends Execution>(
    organizationId: string,
    executions: readonly T[],
  ): Promise<readonly OpenedExecution<T>[]> {
    const states = await this.keyStates(organizationId, executions);
    return executions.map((execution) => {
      const opened = openOne(execution, states);
      if (opened.state === 'unreadable') this.metrics.unreadable('record');
      return opened;
    });
  }

  /** What became of every key that these decisions are sealed with. */
  async keyStates(organizationId: string, executions: readonly Execution[]): Promise<ReadonlyMap<string, KeyState>> {
    const ids = new Set(executions.flatMap((execution) => keysOf(execution)));
    return ids.size === 0 ? new Map() : this.subjectKeys.byId(organizationId, [...ids]);
  }
}

function openOne<T extends Execution>(execution: T, states: ReadonlyMap<string, KeyState>): OpenedExecution<T> {
  if (!execution.sealed) return { execution, state: 'plain' };
  if (isErased(execution, states)) return { execution: conceal(execution, 'erased'), state: 'erased' };
  try {
    const keyOf = (id: string) => usable(states.get(id));
    const plain = decryptAll(valuesOf(execution), keyOf, execution.id);
    return { execution: plain as unknown as T, state: 'opened' };
  } catch {
    return { execution: conceal(execution, 'unreadable'), state: 'unreadable' };
  }
}

function usable(state: KeyState | undefined) {
  if (typeof state === 'object') return state;
  throw new Error('The key cannot be opened.');
}

/** Whether a key of the decision was destroyed. */
export const isErased = (execution: Execution, states: ReadonlyMap<string, KeyState>): boolean =>
  keysOf(execution).some((id) => states.get(id) === 'erased');

/** The decision with a word that stands for each sealed value. */
export const conceal = <T extends Execution>(execution: T, stand: 'masked' | 'erased' | 'unreadable'): T =>
  concealAll(valuesOf(execution), stand) as unknown as T;

const keysOf = (execution: Execution): readonly string[] =>
  execution.sealed ? [...keyIdsIn(valuesOf(execution))] : [];

const valuesOf = ({ sealed: _, ...values }: Execution): JsonValue => values;

const unreadable = (id: string) =>
  conflict(
    'sealed-values-unreadable',
    `The sealed values of the decision ${id} cannot be opened: they were changed, or ENCRYPTION_KEY is not the one they were sealed under. Verify the trail.`,
    { executionId: id },
  );
