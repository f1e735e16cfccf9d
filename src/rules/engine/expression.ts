import type { JsonValue } from '../../kernel/json.js';
import type { Facts } from './facts.js';

/** What a running expression sees. One object per decision and one per iterator; iterators change it in place. */
export interface Scope {
  /** The value that paths begin at: the context, or the element of the innermost iterator. */
  data: JsonValue;
  /** Position of `data` in its list, 0 outside of iterators. */
  index: number;
  readonly parent: Scope | null;
  /** One state per node, see trace.ts. */
  readonly trace: Uint8Array;
  readonly facts: Facts;
  readonly budget: Budget;
}

/** What may still be done, shared by all scopes. */
export interface Budget {
  /** Work of the running condition. */
  left: number;
  /** Ticks for functions of the whole decision. */
  functionTicks: number;
}

/** A compiled expression. Throws EvaluationError. */
export type Evaluate = (scope: Scope) => JsonValue;

/**
 * A function that rules call by name with `fn`. Must be pure, but for the ticks that it takes from the budget; what it
 * throws fails the rule.
 */
export type RuleFunction = (args: readonly JsonValue[], facts: Facts, budget: Budget) => JsonValue;

/** The functions that rules of one set may call. */
export type RuleFunctions = ReadonlyMap<string, RuleFunction>;

/** What an operator's builder gets to make its closure from. */
export interface Operands {
  readonly args: readonly Evaluate[];
  /** The expressions behind `args`, to recognise literals. */
  readonly sources: readonly Expression[];
  /** Whether the author wrote a list of arguments; otherwise one value or expression stands there alone. */
  readonly isList: boolean;
  readonly functions: RuleFunctions;
}

/** One operator: how many arguments make sense and how it is computed. */
export interface Operator {
  /** Fewest and most arguments, both inclusive. */
  readonly arity: readonly [number, number];
  /** Set when the arguments must be written as a list, because they are not all evaluated. */
  readonly isLazy?: true;
  readonly build: (operands: Operands) => Evaluate;
  /**
   * Given by operators of two sides: how a value on the left stands to a constant on the right. Together with `lookup`
   * it lets the compiler put a path and a constant, the commonest condition, into one closure.
   */
  readonly relation?: (written: JsonValue) => (value: JsonValue) => boolean;
  /** Given by `and` and `or`: the truth of a value that ends them. */
  readonly stopsAt?: boolean;
  /** Given by operators that read a path; undefined when the path is computed. */
  readonly lookup?: (operands: Operands) => Lookup | undefined;
}

/** Reading a path that is known beforehand. */
export interface Lookup {
  /** The value, undefined when the path leads nowhere. */
  readonly find: (scope: Scope) => JsonValue | undefined;
  /** What stands for a value that is not there. */
  readonly otherwise: Evaluate;
}

/** Operators by name; without prototype, so that no inherited name is an operator. */
export type OperatorTable = Readonly<Record<string, Operator>>;

/** A constant. */
export interface Literal {
  readonly kind: 'literal';
  readonly value: JsonValue;
}

/** An array in which something must be computed. */
export interface List {
  readonly kind: 'list';
  readonly items: readonly Expression[];
}

/** An operator with its arguments. `node` is its number in pre-order, the index of its state in the trace. */
export interface Operation {
  readonly kind: 'operation';
  readonly node: number;
  readonly name: string;
  readonly operator: Operator;
  readonly args: readonly Expression[];
  readonly isList: boolean;
  /** Where it stands in what the author wrote: JSON pointer as URI fragment. */
  readonly pointer: string;
}

/** The one internal form of both ways to write a condition. */
export type Expression = Literal | List | Operation;

/** A fault that keeps a rule from being compiled. */
export interface Problem {
  /** `unknown-operator`, `unknown-function`, `ambiguous-object`, `too-deep`, `invalid-condition`, … */
  readonly code: string;
  readonly pointer: string;
  readonly message: string;
}

/** A parsed condition. With problems it must not be compiled. */
export interface ParsedExpression {
  readonly expression: Expression;
  /** Number of operations, thus of states in the trace. */
  readonly nodeCount: number;
  readonly problems: readonly Problem[];
}
