import { Injectable } from '@nestjs/common';
import { decryptAll, ErasureMetrics, keyIdsIn, type KeyState, SubjectKeys } from '../../audit/audit.contract.js';
import { concealAll } from '../../audit/audit.contract.js';
import { conflict } from '../../kernel/domain-error.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { ExecutionView } from './execution-view.js';

/** A recorded decision in plain values. */
export interface RevealedExecution {
  readonly execution: ExecutionView;
  /** Whether a key was destroyed, so that some values are gone for ever: `{"$encrypted": "erased"}` stands for each. */
  readonly isErased: boolean;
}

/** A recorded decision as far as it can be opened; `plain` when nothing in it was sealed. */
export interface OpenedExecution {
  readonly execution: ExecutionView;
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
  async reveal(organizationId: string, executions: readonly ExecutionView[]): Promise<readonly RevealedExecution[]> {
    const opened = await this.open(organizationId, executions);
    const damaged = opened.find(({ state }) => state === 'unreadable');
    if (damaged) throw unreadable(damaged.execution.id);
    return opened.map(({ execution, state }) => ({ execution, isErased: state === 'erased' }));
  }

  /** As reveal, but says of each decision how far it could be opened. */
  async open(organizationId: string, executions: readonly ExecutionView[]): Promise<readonly OpenedExecution[]> {
    const states = await this.keyStates(organizationId, executions);
    return executions.map((execution) => {
      const opened = openOne(execution, states);
      if (opened.state === 'unreadable') this.metrics.unreadable('record');
      return opened;
    });
  }

  /** What became of every key that these decisions are sealed with. */
  async keyStates(
    organizationId: string,
    executions: readonly ExecutionView[],
  ): Promise<ReadonlyMap<string, KeyState>> {
    const ids = new Set(executions.flatMap((execution) => keysOf(execution)));
    return ids.size === 0 ? new Map() : this.subjectKeys.byId(organizationId, [...ids]);
  }
}

function openOne(execution: ExecutionView, states: ReadonlyMap<string, KeyState>): OpenedExecution {
  if (!execution.sealed) return { execution, state: 'plain' };
  if (isErased(execution, states)) return { execution: conceal(execution, 'erased'), state: 'erased' };
  try {
    const keyOf = (id: string) => usable(states.get(id));
    const plain = decryptAll(valuesOf(execution), keyOf, execution.id);
    return { execution: plain as unknown as ExecutionView, state: 'opened' };
  } catch {
    return { execution: conceal(execution, 'unreadable'), state: 'unreadable' };
  }
}

function usable(state: KeyState | undefined) {
  if (typeof state === 'object') return state;
  throw new Error('The key cannot be opened.');
}

/** Whether a key of the decision was destroyed. */
export const isErased = (execution: ExecutionView, states: ReadonlyMap<string, KeyState>): boolean =>
  keysOf(execution).some((id) => states.get(id) === 'erased');

/** The decision with a word that stands for each sealed value. */
export const conceal = (execution: ExecutionView, stand: 'masked' | 'erased' | 'unreadable'): ExecutionView =>
  concealAll(valuesOf(execution), stand) as unknown as ExecutionView;

const keysOf = (execution: ExecutionView): readonly string[] =>
  execution.sealed ? [...keyIdsIn(valuesOf(execution))] : [];

const valuesOf = ({ sealed: _, ...values }: ExecutionView): JsonValue => values as unknown as JsonObject;

const unreadable = (id: string) =>
  conflict(
    'sealed-values-unreadable',
    `The sealed values of the decision ${id} cannot be opened: they were changed, or ENCRYPTION_KEY is not the one they were sealed under. Verify the trail.`,
    { executionId: id },
  );
