import { isObject } from '../../kernel/json.js';
import type { JsonObject } from '../../kernel/json.js';

/** A path that a condition reads, and where in the condition it is written. */
export interface PathRead {
  readonly path: readonly string[];
  readonly place: readonly (string | number)[];
}

type Place = PathRead['place'];

/** Operators whose later arguments see one item at a time: what those read is no path of the whole data. */
const OVER_ITEMS = new Set(['map', 'filter', 'reduce', 'all', 'some', 'none']);

/** The paths of the whole data that a step's condition reads by name, in JSONLogic or field form. */
export const pathsRead = (configuration: JsonObject): PathRead[] => [
  ...logicPaths(configuration.condition, ['condition']),
  ...(Array.isArray(configuration.conditions) ? configuration.conditions : []).flatMap((condition: unknown, index) =>
    namedPath(isObject(condition) ? condition.field : undefined, ['conditions', index, 'field']),
  ),
];

const logicPaths = (logic: unknown, place: Place): PathRead[] => {
  if (Array.isArray(logic)) return logic.flatMap((item: unknown, index) => logicPaths(item, [...place, index]));
  if (!isObject(logic)) return [];
  return Object.entries(logic).flatMap(([operator, operand]) => operatorPaths(operator, operand, [...place, operator]));
};

const operatorPaths = (operator: string, operand: unknown, place: Place): PathRead[] => {
  if (operator === 'var' || operator === 'val') return readPaths(operator, operand, place);
  if (operator === 'missing') return listed(operand, place);
  if (operator === 'missing_some' && Array.isArray(operand)) return listed(operand[1], [...place, 1]);
  if (OVER_ITEMS.has(operator) && Array.isArray(operand)) {
    return [...logicPaths(operand[0], [...place, 0]), ...logicPaths(operand[2], [...place, 2])];
  }
  return logicPaths(operand, place);
};

/** `var` takes a path with dots and perhaps a default, `val` a list of keys. */
const readPaths = (operator: 'var' | 'val', operand: unknown, place: Place): PathRead[] => {
  if (!Array.isArray(operand)) return [...namedPath(operand, place), ...logicPaths(operand, place)];
  const isKeys = operator === 'val' && operand.every((key): key is string => typeof key === 'string');
  if (isKeys) return operand.length > 0 ? [{ path: operand, place }] : [];
  return operator === 'var'
    ? [...namedPath(operand[0], [...place, 0]), ...logicPaths(operand, place)]
    : logicPaths(operand, place);
};

const listed = (operand: unknown, place: Place): PathRead[] =>
  Array.isArray(operand)
    ? operand.flatMap((item: unknown, index) => namedPath(item, [...place, index]))
    : namedPath(operand, place);

const namedPath = (text: unknown, place: Place): PathRead[] =>
  typeof text === 'string' && text !== '' ? [{ path: text.split('.'), place }] : [];
