import type { JsonValue } from '../../../kernel/json.js';
import type { Evaluate, Operands, Operator, OperatorTable } from '../expression.js';

type Values = readonly JsonValue[];

/**
 * The evaluated arguments as a list. A single argument that is not written as a list and computes to one is taken for
 * the whole list of arguments: `{"+": {"merge": […]}}`.
 */
export function argumentValues({ args, sources, isList }: Operands): (scope: Parameters<Evaluate>[0]) => Values {
  const [only] = args;
  if (isList || !only) return (scope) => args.map((arg) => arg(scope));
  if (sources[0]?.kind === 'literal') return (scope) => [only(scope)];
  return (scope) => {
    const value = only(scope);
    return Array.isArray(value) ? (value as Values) : [value];
  };
}

/** An operator that needs nothing but the values of its arguments. */
export const eager = (arity: readonly [number, number], compute: (values: Values) => JsonValue): Operator => ({
  arity,
  build: (operands) => {
    const values = argumentValues(operands);
    return (scope) => compute(values(scope));
  },
});

/** The value of a literal argument, undefined where the argument is missing or computed. */
export const literalAt = ({ sources }: Operands, index: number): JsonValue | undefined => {
  const source = sources[index];
  return source?.kind === 'literal' ? source.value : undefined;
};

/** The operators of all tables in one without prototype, so that no inherited name is an operator. */
export function operatorsOf(...tables: readonly OperatorTable[]): OperatorTable {
  const operators = Object.create(null) as Record<string, Operator>;
  for (const table of tables) Object.assign(operators, table);
  return operators;
}
