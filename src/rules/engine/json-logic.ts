import type { JsonValue } from '../../kernel/json.js';
import type { Expression, ParsedExpression, Problem, RuleFunctions } from './expression.js';
import { pointerTo } from './json-pointer.js';
import { operatorTable } from './operators/operator-table.js';

// Protects the stack; the limit for authors is the lint's and much lower.
const PARSE_DEPTH_LIMIT = 256;

/**
 * Reads JSONLogic into the internal form. Objects with one key are operations, other objects are refused unless empty
 * or below `preserve`; everything else is data. `pointer` is where `logic` stands in what the author sent.
 */
export function parseJsonLogic(logic: JsonValue, functions: RuleFunctions, pointer = '#'): ParsedExpression {
  const parser = new JsonLogicParser(functions);
  const expression = parser.parse(logic, pointer, 0);
  return { expression, nodeCount: parser.nodeCount, problems: parser.problems };
}

const asData = (value: JsonValue): Expression => ({ kind: 'literal', value });

class JsonLogicParser {
  nodeCount = 0;
  readonly problems: Problem[] = [];

  constructor(private readonly functions: RuleFunctions) {}

  parse(logic: JsonValue, pointer: string, depth: number): Expression {
    if (typeof logic !== 'object' || logic === null) return asData(logic);
    if (depth > PARSE_DEPTH_LIMIT) return this.refuse('too-deep', pointer, 'The expression is nested too deeply.');
    if (Array.isArray(logic)) return this.parseList(logic as readonly JsonValue[], pointer, depth);
    const [entry, ...others] = Object.entries(logic as Record<string, JsonValue>);
    if (!entry) return asData(logic);
    if (others.length > 0) {
      const message = 'An object with several keys is no operation; as data it stands below {"preserve": …}.';
      return this.refuse('ambiguous-object', pointer, message);
    }
    return this.parseOperation(entry, pointer, depth);
  }

  private parseList(items: readonly JsonValue[], pointer: string, depth: number): Expression {
    const parsed = items.map((item, i) => this.parse(item, pointerTo(pointer, i), depth + 1));
    return parsed.every((item) => item.kind === 'literal') ? asData(items) : { kind: 'list', items: parsed };
  }

  private parseOperation([name, written]: [string, JsonValue], parent: string, depth: number): Expression {
    const pointer = pointerTo(parent, name);
    const operator = operatorTable[name];
    if (!operator) return this.refuse('unknown-operator', pointer, `There is no operator "${name}".`);
    const node = this.nodeCount++;
    const isList = Array.isArray(written) && name !== 'preserve';
    const args = name === 'preserve' ? [asData(written)] : this.parseArguments(written, pointer, depth);
    if (name === 'fn') this.checkFunction(args[0], pointer);
    return { kind: 'operation', node, name, operator, args, isList, pointer };
  }

  private parseArguments(written: JsonValue, pointer: string, depth: number): readonly Expression[] {
    if (!Array.isArray(written)) return [this.parse(written, pointer, depth + 1)];
    return (written as readonly JsonValue[]).map((item, i) => this.parse(item, pointerTo(pointer, i), depth + 1));
  }

  private checkFunction(name: Expression | undefined, pointer: string): void {
    const value = name?.kind === 'literal' ? name.value : null;
    if (typeof value === 'string' && this.functions.has(value)) return;
    this.refuse(
      'unknown-function',
      pointer,
      `There is no function ${JSON.stringify(value)}; fn needs the name of one.`,
    );
  }

  private refuse(code: string, pointer: string, message: string): Expression {
    this.problems.push({ code, pointer, message });
    return asData(null);
  }
}
