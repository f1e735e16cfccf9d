import type { JsonValue } from '../../kernel/json.js';
import { lookupOf } from './compile-expression.js';
import type { Expression, Operation, RuleFunctions, Scope } from './expression.js';
import { PACKED_LIMIT, TraceState } from './trace.js';

/** A path beside a constant: the same in however many rules of a set it stands, it is answered once in a decision. */
export interface Relation {
  /** Tells relations apart: operator, path and constant. */
  readonly key: string;
  readonly find: (scope: Scope) => JsonValue | undefined;
  readonly holds: (value: JsonValue) => boolean;
}

/** Where to go on, and the states of the nodes that are decided with it, packed as in trace.ts. */
export interface Exit {
  /** Number of the next test of the rule, or MATCHED or UNMATCHED. */
  readonly next: number;
  readonly pattern: number;
}

export const MATCHED = -1;
export const UNMATCHED = -2;

/** One relation of a rule, and what follows from it. */
export interface Test {
  readonly relation: Relation;
  /** By how many bits the state of the node that reads the path is shifted. */
  readonly readShift: number;
  readonly onTrue: Exit;
  readonly onFalse: Exit;
}

/** A condition of relations under `and` and `or` as a decision diagram; the first test is the last of the list. */
export type RuleProgram = readonly Test[];

/**
 * The program of a condition; undefined when it holds anything else, or more nodes than fit into a number. Where a path
 * leads nowhere or a relation fails the program does not say what follows: the condition's closure does.
 */
export function compileProgram(
  expression: Expression,
  nodeCount: number,
  functions: RuleFunctions,
): RuleProgram | undefined {
  if (expression.kind !== 'operation' || nodeCount > PACKED_LIMIT) return undefined;
  const tests: Test[] = [];
  const shiftOf = ({ node }: Operation): number => 2 * (nodeCount - 1 - node);
  const end = (next: number): Exit => ({ next, pattern: 0 });
  const isCompiled = emit(expression, { tests, shiftOf, functions }, end(MATCHED), end(UNMATCHED));
  return isCompiled ? tests : undefined;
}

interface Emission {
  readonly tests: Test[];
  readonly shiftOf: (operation: Operation) => number;
  readonly functions: RuleFunctions;
}

/** Appends the tests of an expression, the last one first, so that those that follow are numbered already. */
function emit(expression: Expression, emission: Emission, onTrue: Exit, onFalse: Exit): boolean {
  if (expression.kind !== 'operation') return false;
  const shift = emission.shiftOf(expression);
  const exits = [withState(onTrue, TraceState.True, shift), withState(onFalse, TraceState.False, shift)] as const;
  const { operator, isList, args } = expression;
  if (operator.stopsAt === undefined || !isList || args.length === 0) return emitRelation(expression, emission, exits);
  const stop = operator.stopsAt ? exits[0] : exits[1];
  let goOn = operator.stopsAt ? exits[1] : exits[0];
  for (const part of args.toReversed()) {
    const [partTrue, partFalse] = operator.stopsAt ? [stop, goOn] : [goOn, stop];
    if (!emit(part, emission, partTrue, partFalse)) return false;
    goOn = { next: emission.tests.length - 1, pattern: 0 };
  }
  return true;
}

function emitRelation(
  operation: Operation,
  { tests, shiftOf, functions }: Emission,
  [onTrue, onFalse]: readonly [Exit, Exit],
): boolean {
  const relation = relationOf(operation, functions);
  const [read] = operation.args;
  if (!relation || read?.kind !== 'operation') return false;
  tests.push({ relation, readShift: shiftOf(read), onTrue, onFalse });
  return true;
}

const withState = ({ next, pattern }: Exit, state: TraceState, shift: number): Exit => ({
  next,
  pattern: pattern + state * 2 ** shift,
});

function relationOf(operation: Operation, functions: RuleFunctions): Relation | undefined {
  const { name, operator, args, isList } = operation;
  const [left, right] = args;
  if (!operator.relation || !isList || args.length !== 2 || left?.kind !== 'operation' || right?.kind !== 'literal') {
    return undefined;
  }
  const lookup = lookupOf(left, functions);
  if (!lookup) return undefined;
  const key = JSON.stringify([name, left.name, left.args, right.value]);
  return { key, find: lookup.find, holds: operator.relation(right.value) };
}
