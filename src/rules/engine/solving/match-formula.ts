import { parsePath, readScopedPath } from '../paths.js';
import type { Path } from '../paths.js';
import type { RuleAction } from '../rule.js';
import type { CompiledAction, CompiledRule } from '../rule-set.js';
import { placeholderPaths } from '../template.js';
import { textOf } from '../values.js';
import type { Atom, Formula } from './formula.js';
import { formulaOf } from './formula-of.js';
import { noUses } from './uses.js';

/** Whether a rule matches: its condition holds and its actions can be computed. */
export function matchFormula({ expression, definition, actions }: CompiledRule): Formula {
  const resolving = actions.flatMap((action, i) => resolutionOf(action, definition.actions[i] as RuleAction));
  const parts = resolving.map((atom): Formula => ({ kind: 'atom', atom }));
  return { kind: 'all', parts: [formulaOf(expression), ...parts] };
}

/** Action types whose placeholders may have any value, so that they fail only where there is none. */
const TAKES_ANY_VALUE = new Set(['set_field', 'update']);

function resolutionOf(action: CompiledAction, { type, parameters }: RuleAction): readonly Atom[] {
  const placeholders = placeholderPaths(parameters).map(parsePath);
  if (action.actionType.resolve) return [resolves(action, [...placeholders, ...adjustedPaths(type, parameters)])];
  if (placeholders.length === 0) return [];
  return TAKES_ANY_VALUE.has(type) ? placeholders.map(isThere) : [resolves(action, placeholders)];
}

const adjustedPaths = (type: string, { field = null }: RuleAction['parameters']): readonly Path[] =>
  type === 'adjust_field' ? [parsePath(textOf(field))] : [];

const isThere = (path: Path): Atom => ({
  paths: [path],
  evaluate: (scope) => readScopedPath(scope, path) !== undefined,
  readsClock: false,
  uses: noUses,
});

/** One action as a question; with a single path it is about that value's type alone. */
function resolves(action: CompiledAction, paths: readonly Path[]): Atom {
  const isAboutType = action.actionType.type === 'adjust_field' && paths.length === 1;
  return {
    paths,
    readsClock: false,
    uses: { ...noUses, isOpaque: !isAboutType },
    ...(action.actionType.type === 'adjust_field' || !action.actionType.resolve
      ? {
          evaluate: (scope) => {
            action.resolve(scope);
            return true;
          },
        }
      : {}),
  };
}
