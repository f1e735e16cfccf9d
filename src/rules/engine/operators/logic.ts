import { EvaluationError, invalidArguments } from '../evaluation-error.js';
import type { Evaluate, Operands, Operator, OperatorTable, Scope } from '../expression.js';
import { innerScope } from '../scope.js';
import { isTruthy, kindOf } from '../values.js';
import { literalAt } from './operands.js';

const refuseForm: Evaluate = () => {
  throw invalidArguments('The operator needs its arguments as a list.');
};

/** The first argument whose truth is `wanted`, else the last one. */
const firstThat = (wanted: boolean): Operator => ({
  arity: [1, Infinity],
  isLazy: true,
  stopsAt: wanted,
  build: ({ args, isList }) => {
    if (!isList) return refuseForm;
    const last = args[args.length - 1];
    if (!last) return () => false;
    const others = args.slice(0, -1);
    return (scope) => {
      for (let i = 0; i < others.length; i++) {
        const value = (others[i] as Evaluate)(scope);
        if (isTruthy(value) === wanted) return value;
      }
      return last(scope);
    };
  },
});

const conditional: Operator = {
  arity: [1, Infinity],
  isLazy: true,
  build: ({ args, isList }) => {
    if (!isList) return refuseForm;
    return (scope) => {
      let i = 0;
      for (; i + 1 < args.length; i += 2) {
        if (isTruthy((args[i] as Evaluate)(scope))) return (args[i + 1] as Evaluate)(scope);
      }
      return args[i]?.(scope) ?? null;
    };
  },
};

const negation = (wanted: boolean): Operator => ({
  arity: [1, 1],
  build: ({ args: [value] }) => (value ? (scope) => isTruthy(value(scope)) === wanted : () => !wanted),
});

const coalesce: Operator = {
  arity: [1, Infinity],
  build:
    ({ args }) =>
    (scope) => {
      for (const arg of args) {
        const value = arg(scope);
        if (value !== null) return value;
      }
      return null;
    },
};

/** The first argument that does not fail; each but the first sees the failure before it as its context. */
function attempt({ args }: Operands): Evaluate {
  const [first, ...others] = args;
  if (!first) return refuseForm;
  return (scope) => {
    let branch = first;
    let seen: Scope = scope;
    for (let next = 0; ; next++) {
      try {
        return branch(seen);
      } catch (error) {
        const following = others[next];
        if (!following || !(error instanceof EvaluationError) || error.code === 'work-limit') throw error;
        branch = following;
        seen = innerScope(scope, error.data);
      }
    }
  };
}

const raise: Operator = {
  arity: [1, 1],
  build: (operands) => {
    const [what] = operands.args;
    const written = literalAt(operands, 0);
    return (scope) => {
      const thrown = what?.(scope) ?? null;
      const data = typeof thrown === 'object' && thrown !== null ? thrown : { type: thrown };
      const name = written === undefined ? kindOf(thrown) : JSON.stringify(written);
      throw new EvaluationError('thrown', `The rule threw ${name}.`, data);
    };
  },
};

/** Truth, choice and failure. */
export const logicOperators: OperatorTable = {
  and: firstThat(false),
  or: firstThat(true),
  if: conditional,
  '?:': conditional,
  '!': negation(false),
  '!!': negation(true),
  '??': coalesce,
  try: { arity: [1, Infinity], build: attempt },
  throw: raise,
};
