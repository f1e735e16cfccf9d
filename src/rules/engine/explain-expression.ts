import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { Observation } from './explain-observation.js';
import { readsOf, type ValueRead } from './explain-reads.js';
import type { Expression, Operation } from './expression.js';
import type { Facts } from './facts.js';
import { iterationOperators } from './operators/iteration.js';
import { TraceState } from './trace.js';

/** What became of an operation. */
export type NodeState = 'not_reached' | 'false' | 'true' | 'error';

/** One operation of a condition with what became of it; inside of an iterator it tells of the last element. */
export interface ExplainedNode {
  /** As the author wrote it; `field` is the reading of a field condition's path. */
  readonly operator: string;
  /** Where it stands in what the author wrote: JSON pointer as URI fragment. */
  readonly pointer: string;
  readonly state: NodeState;
  /** What it gave; absent when it was not reached or failed. */
  readonly value?: JsonValue;
  /** The values that it read itself. */
  readonly reads?: readonly ValueRead[];
  /** Inside of an iterator: position of the element that this tells of, from 0. */
  readonly element?: number;
  readonly parts?: readonly ExplainedNode[];
}

/** What stands instead of a value that the reader may not see. */
export const HIDDEN_VALUE = '***';

/** Of what a condition is explained. */
export interface Explained {
  /** States by node, as they were recorded. */
  readonly states: Uint8Array;
  /** Absent when the values are gone. */
  readonly observation?: Observation;
  readonly facts: Facts;
  /** Tells the paths of the context whose values the reader may not see. */
  readonly isHidden: (path: string) => boolean;
}

const stateNames: readonly NodeState[] = ['not_reached', 'false', 'true', 'error'];

/** Explains a condition from its root; more than one node where the author wrote a list, none where a constant. */
export const explainExpression = (expression: Expression, explained: Explained): readonly ExplainedNode[] =>
  operationsOf(expression).map((operation) => explainOperation(operation, explained, outside).node);

const operationsOf = (expression: Expression): readonly Operation[] => {
  if (expression.kind === 'operation') return [expression];
  return expression.kind === 'list' ? expression.items.flatMap(operationsOf) : [];
};

interface Surroundings {
  readonly isInIterator: boolean;
  /** Whether an element comes from a list that the reader may not see. */
  readonly isElementHidden: boolean;
}

interface Part {
  readonly node: ExplainedNode;
  /** Whether its value comes from one that the reader may not see. */
  readonly isHidden: boolean;
}

const outside: Surroundings = { isInIterator: false, isElementHidden: false };

function explainOperation(operation: Operation, explained: Explained, around: Surroundings): Part {
  const { name: operator, pointer, node } = operation;
  const parts = explainParts(operation, explained, around);
  const reads = maskedReads(operation, explained, around);
  const isHidden = [...parts, ...reads].some((one) => one.isHidden);
  const seen = explained.states[node] === TraceState.NotReached ? undefined : explained.observation?.nodes.get(node);
  return {
    isHidden,
    node: {
      operator,
      pointer,
      state: stateNames[explained.states[node] ?? TraceState.NotReached] as NodeState,
      value: isHidden && seen?.value !== undefined ? HIDDEN_VALUE : seen?.value,
      reads: unlessEmpty(reads.map(({ read }) => read)),
      element: around.isInIterator ? seen?.index : undefined,
      parts: unlessEmpty(parts.map((part) => part.node)),
    },
  };
}

const unlessEmpty = <T>(items: readonly T[]): readonly T[] | undefined => (items.length > 0 ? items : undefined);

const maskedReads = (operation: Operation, explained: Explained, around: Surroundings): readonly MaskedRead[] =>
  explained.observation
    ? readsOf(operation, explained.observation, explained.facts).map((read) => maskRead(read, explained, around))
    : [];

interface MaskedRead {
  readonly read: ValueRead;
  readonly isHidden: boolean;
}

function explainParts({ name, args }: Operation, explained: Explained, around: Surroundings): readonly Part[] {
  const [list, ...others] = args.map((arg) => operationsOf(arg));
  if (!list) return [];
  const explainAll = (operations: readonly Operation[], inside: Surroundings): readonly Part[] =>
    operations.map((operation) => explainOperation(operation, explained, inside));
  const first = explainAll(list, around);
  if (!Object.hasOwn(iterationOperators, name)) return [...first, ...explainAll(others.flat(), around)];
  const isElementHidden = around.isElementHidden || first.some((part) => part.isHidden);
  const [body = [], ...rest] = others;
  return [...first, ...explainAll(body, { isInIterator: true, isElementHidden }), ...explainAll(rest.flat(), around)];
}

function maskRead(read: ValueRead, { isHidden }: Explained, around: Surroundings): MaskedRead {
  if (read.value === undefined || read.path.startsWith('$')) return { read, isHidden: false };
  const value = around.isElementHidden ? HIDDEN_VALUE : maskValue(read.value, read.path, isHidden);
  return value === read.value ? { read, isHidden: false } : { read: { path: read.path, value }, isHidden: true };
}

/** The value itself when nothing in it is hidden, else a copy without what is. */
export function maskValue(value: JsonValue, path: string, isHidden: (path: string) => boolean): JsonValue {
  if (path !== '' && isHidden(path)) return HIDDEN_VALUE;
  if (typeof value !== 'object' || value === null) return value;
  const mask = (member: JsonValue, key: string | number): JsonValue =>
    maskValue(member, path === '' ? String(key) : `${path}.${key}`, isHidden);
  if (Array.isArray(value)) {
    const list = value as readonly JsonValue[];
    const items = list.map(mask);
    return items.some((item, i) => item !== list[i]) ? items : list;
  }
  const members = value as JsonObject;
  const masked = Object.entries(members).map(([key, member]) => [key, mask(member, key)] as const);
  return masked.some(([key, member]) => member !== members[key]) ? Object.fromEntries(masked) : value;
}
