import { isObject } from '../../kernel/json.js';
import type { JsonValue } from '../../kernel/json.js';
import type { Expression, Operation, ParsedExpression, Problem } from './expression.js';
import { compileLinearPattern } from './linear-pattern.js';
import { pointerTo } from './json-pointer.js';
import { fieldOperators, politeOperators, requiredFieldOperator } from './operators/fields.js';
import { operatorTable } from './operators/operator-table.js';

/** One condition of the field form. */
export interface FieldCondition {
  /** Dotted path into the context, `company.size`. */
  readonly field: string;
  readonly operator: string;
  readonly value?: JsonValue;
  /** Joins this condition to what stands before it; AND when left out. AND binds tighter than OR. */
  readonly logicalOperator?: 'AND' | 'OR';
}

/** Reads the field form into the internal form: an `or` of `and`s, each left out where it would hold one member. */
export function parseFieldConditions(conditions: JsonValue, pointer = '#'): ParsedExpression {
  const problems = checkConditions(conditions, pointer);
  if (problems.length > 0) return { expression: { kind: 'literal', value: null }, nodeCount: 0, problems };
  const written = (conditions as unknown as readonly FieldCondition[]).map((condition, position) => ({
    condition,
    position,
  }));
  const tree = new FieldTree(pointer);
  const groups: (typeof written)[] = [];
  for (const entry of written) {
    if (entry.position === 0 || entry.condition.logicalOperator === 'OR') groups.push([]);
    groups.at(-1)?.push(entry);
  }
  const expression = tree.join('or', groups, (group) => tree.join('and', group, (entry) => tree.condition(entry)));
  return { expression, nodeCount: tree.nodeCount, problems };
}

/** Builds operations and numbers them in pre-order: a parent takes its number before its members are built. */
class FieldTree {
  nodeCount = 0;

  constructor(private readonly root: string) {}

  join<Member>(name: 'and' | 'or', members: readonly Member[], build: (member: Member) => Expression): Expression {
    const [only] = members;
    if (members.length === 1 && only !== undefined) return build(only);
    const node = this.nodeCount++;
    const args = members.map(build);
    return this.operation({
      node,
      name,
      operator: operatorTable[name] as Operation['operator'],
      args,
      pointer: this.root,
    });
  }

  condition({ condition, position }: { condition: FieldCondition; position: number }): Expression {
    const { field, operator: name, value } = condition;
    const node = this.nodeCount++;
    const pointer = pointerTo(this.root, position);
    const path: Expression = { kind: 'literal', value: field };
    const left = politeOperators.has(name) ? path : this.requiredField(path, pointerTo(pointer, 'field'));
    const args: readonly Expression[] = value === undefined ? [left] : [left, { kind: 'literal', value }];
    return this.operation({ node, name, operator: fieldOperators[name] as Operation['operator'], args, pointer });
  }

  private requiredField(path: Expression, pointer: string): Expression {
    const node = this.nodeCount++;
    return this.operation({ node, name: 'field', operator: requiredFieldOperator, args: [path], pointer });
  }

  private operation(parts: Omit<Operation, 'kind' | 'isList'>): Operation {
    return { kind: 'operation', isList: true, ...parts };
  }
}

function checkConditions(conditions: JsonValue, pointer: string): readonly Problem[] {
  if (!Array.isArray(conditions) || conditions.length === 0) {
    return [{ code: 'invalid-condition', pointer, message: 'conditions must be a list of at least one condition.' }];
  }
  return (conditions as readonly JsonValue[]).flatMap((condition, i) =>
    checkCondition(condition, pointerTo(pointer, i)),
  );
}

function checkCondition(condition: JsonValue, pointer: string): readonly Problem[] {
  if (!isObject(condition)) return [{ code: 'invalid-condition', pointer, message: 'A condition is an object.' }];
  const { field, operator, value, logicalOperator = 'AND' } = condition as Partial<Record<string, JsonValue>>;
  const faults: (Fault | undefined)[] = [
    typeof field === 'string' && field !== '' ? undefined : ['invalid-condition', 'field', 'field must be a path.'],
    logicalOperator === 'AND' || logicalOperator === 'OR'
      ? undefined
      : ['invalid-condition', 'logicalOperator', 'logicalOperator must be AND or OR.'],
    checkOperator(operator ?? null, value),
  ];
  return faults
    .filter((fault) => fault !== undefined)
    .map(([code, key, message]) => ({ code, pointer: pointerTo(pointer, key), message }));
}

type Fault = readonly [code: string, key: string, message: string];

function checkOperator(operator: JsonValue, value: JsonValue | undefined): Fault | undefined {
  if (typeof operator !== 'string' || !fieldOperators[operator]) {
    const known = Object.keys(fieldOperators).join(', ');
    return ['unknown-operator', 'operator', `There is no operator ${JSON.stringify(operator)}; known are ${known}.`];
  }
  if (politeOperators.has(operator)) {
    const isRight = value === undefined || typeof value === 'boolean';
    return isRight ? undefined : ['invalid-condition', 'value', `${operator} takes no value, or true or false.`];
  }
  if (value === undefined) return ['invalid-condition', 'value', `${operator} needs a value.`];
  const fault = valueFaults.get(operator)?.(value);
  return fault === undefined
    ? undefined
    : [operator === 'matches' ? 'invalid-pattern' : 'invalid-condition', 'value', fault];
}

/** What is wrong with the value beside an operator, for those that do not take every value. */
const valueFaults: ReadonlyMap<string, (value: JsonValue) => string | undefined> = new Map([
  ['in', listFault],
  ['not_in', listFault],
  ['between', (value) => (Array.isArray(value) && value.length === 2 ? undefined : 'between needs [lowest, highest].')],
  ['starts_with', (value) => (typeof value === 'string' ? undefined : 'starts_with needs a text.')],
  ['matches', patternFault],
]);

function listFault(value: JsonValue): string | undefined {
  return Array.isArray(value) ? undefined : 'in and not_in need a list of values.';
}

function patternFault(pattern: JsonValue): string | undefined {
  if (typeof pattern !== 'string') return 'matches needs a regular expression as text.';
  try {
    compileLinearPattern(pattern);
    return undefined;
  } catch (error) {
    return `The regular expression cannot be read (RE2 syntax): ${error instanceof Error ? error.message : String(error)}.`;
  }
}
