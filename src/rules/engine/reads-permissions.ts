import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { Expression } from './expression.js';
import type { RuleAction } from './rule.js';
import { placeholderPaths } from './template.js';

/** Operators whose arguments are paths; a computed one might lead anywhere. */
const READERS = new Set(['var', 'val', 'exists', 'missing', 'missing_some']);

/**
 * Whether a rule might look at the permissions of the user, be it as a part of `$user`. Says yes where it is not sure:
 * they are a long list, and decisions of rules that never look there need not carry it.
 */
export const mayReadPermissions = (expression: Expression, actions: readonly RuleAction[]): boolean =>
  isReadIn(expression) || actions.some(({ parameters }) => placeholderPaths(parameters).some(leadsThere));

const leadsThere = (path: string): boolean => path === '$user' || path.startsWith('$user.permissions');

function isReadIn(expression: Expression): boolean {
  if (expression.kind === 'literal') return isNamedIn(expression.value);
  if (expression.kind === 'list') return expression.items.some(isReadIn);
  const { name, args } = expression;
  return args.some((argument) => isReadIn(argument) || (READERS.has(name) && argument.kind !== 'literal'));
}

function isNamedIn(value: JsonValue): boolean {
  if (typeof value === 'string') return leadsThere(value);
  return typeof value === 'object' && value !== null && Object.values(value as JsonObject).some(isNamedIn);
}
