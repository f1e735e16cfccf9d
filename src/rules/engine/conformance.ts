import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { isObject } from '../../kernel/json.js';
import type { JsonValue } from '../../kernel/json.js';
import { compileExpression, evaluateOnce } from './compile-expression.js';
import { EvaluationError } from './evaluation-error.js';
import type { Facts } from './facts.js';
import { parseJsonLogic } from './json-logic.js';

/** One case of a suite; exactly one of `result` and `error` is given. */
export interface ConformanceCase {
  readonly description: string;
  readonly rule: JsonValue;
  readonly data?: JsonValue;
  readonly result?: JsonValue;
  /** The thrown error object, `{type}`. */
  readonly error?: JsonValue;
}

/** A case that did not give what its suite expects. */
export interface ConformanceFailure {
  readonly description: string;
  readonly rule: JsonValue;
  readonly expected: string;
  readonly actual: string;
}

/** What became of one file of a suite. */
export interface ConformanceReport {
  readonly file: string;
  readonly passed: number;
  readonly failed: readonly ConformanceFailure[];
}

const facts: Facts = {
  now: '2000-01-01T00:00:00.000Z',
  seed: '',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: '', role: '', permissions: [] },
};

/**
 * Runs the public JSONLogic suites through the engine: all files that `jsonlogic/index.json` in the folder lists.
 * @throws when the folder or its index is missing.
 */
export function runConformance(suitesFolder: string): readonly ConformanceReport[] {
  const folder = join(suitesFolder, 'jsonlogic');
  const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  return (read('index.json') as readonly string[]).map((file) => runCases(file, readCases(read(file) as JsonValue[])));
}

/** Runs cases that are given; `file` only names them. */
export function runCases(file: string, cases: readonly ConformanceCase[]): ConformanceReport {
  const failed = cases.flatMap((one) => {
    const expected = one.error === undefined ? answer(one.result ?? null) : failure(one.error);
    const actual = run(one.rule, one.data ?? null);
    return expected === actual ? [] : [{ description: one.description, rule: one.rule, expected, actual }];
  });
  return { file, passed: cases.length - failed.length, failed };
}

/** Suites hold remarks as text, cases as objects or as lists that end in rule, data and result. */
const readCases = (entries: readonly JsonValue[]): readonly ConformanceCase[] =>
  entries.flatMap((entry): ConformanceCase[] => {
    if (isObject(entry)) return [entry as unknown as ConformanceCase];
    if (!Array.isArray(entry)) return [];
    const [rule = null, data = null, result = null] = entry.slice(-3) as JsonValue[];
    return [{ description: canonicalJson(rule), rule, data, result }];
  });

const answer = (value: JsonValue): string => `gives ${canonicalJson(value)}`;
const failure = (data: JsonValue): string => `throws ${canonicalJson(data)}`;

function run(rule: JsonValue, data: JsonValue): string {
  const { expression, nodeCount, problems } = parseJsonLogic(rule, new Map());
  const [problem] = problems;
  if (problem) return `is refused: ${problem.message}`;
  try {
    return answer(evaluateOnce(compileExpression(expression, new Map()), nodeCount, data, facts));
  } catch (error) {
    if (error instanceof EvaluationError) return failure(error.data);
    throw error;
  }
}
