import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { createActionRegistry, coreActionTypes } from '../engine/action-types.js';
import { decide, SEMANTICS_VERSION } from '../engine/decide.js';
import type { Expression } from '../engine/expression.js';
import type { Facts } from '../engine/facts.js';
import { fieldOperators } from '../engine/operators/fields.js';
import { operatorTable } from '../engine/operators/operator-table.js';
import type { PortableRuleSet } from '../engine/portable-rule-set.js';
import { compileRuleSet, parseCondition } from '../engine/rule-set.js';
import { TraceState } from '../engine/trace.js';
import { type ComparedRecord, compareReplay, recordedPolicy } from './replay-comparison.js';

interface GoldenRecord extends ComparedRecord {
  readonly context: JsonObject;
  readonly facts: Facts;
}
type Line = { readonly semanticsVersion: number } | { readonly ruleSet: PortableRuleSet } | GoldenRecord;

const file = fileURLToPath(new URL('../../../test/corpus/golden-decisions.ndjson', import.meta.url));
const [header, ...lines] = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Line);
const actionTypes = createActionRegistry();
const records = lines.filter((line): line is GoldenRecord => 'context' in line);
const ruleSets = lines.flatMap((line) => ('ruleSet' in line ? [line.ruleSet] : []));

it('is of this engine: whoever changes what it decides raises SEMANTICS_VERSION and writes the corpus anew', () => {
  expect(header).toEqual({ semanticsVersion: SEMANTICS_VERSION });
});

it('replays byte-equal, errors, effects, order and traces', () => {
  const different: unknown[] = [];
  let compiled = compileRuleSet([], { actionTypes, failurePolicy: 'fail_open' });
  for (const line of lines) {
    if ('ruleSet' in line) compiled = compileRuleSet(line.ruleSet.rules, { actionTypes, failurePolicy: 'fail_open' });
    if (!('context' in line)) continue;
    const decision = decide({ ...compiled, failurePolicy: recordedPolicy(line) }, line.context, line.facts);
    const { isEqual, difference } = compareReplay(line, decision);
    const kept = decision.candidates.filter(([, , state]) => state > TraceState.False);
    if (!isEqual || JSON.stringify(kept) !== JSON.stringify(line.candidates))
      different.push({ line, difference, kept });
  }
  expect(different).toEqual([]);
  expect(records).toHaveLength(1_000);
});

const operatorsIn = (expression: Expression): string[] => {
  if (expression.kind === 'literal') return [];
  if (expression.kind === 'list') return expression.items.flatMap(operatorsIn);
  const { operator, name, args } = expression;
  const form = fieldOperators[name] === operator && operatorTable[name] !== operator ? 'field' : 'logic';
  return [`${form} ${name}`, ...args.flatMap(operatorsIn)];
};

it('holds every operator, every action of the engine, every status and failure', () => {
  const rules = ruleSets.flatMap((set) => set.rules);
  const functions = new Map([['gone', (): JsonValue => null]]);
  const used = new Set(rules.flatMap((rule) => operatorsIn(parseCondition(rule, functions).expression)));
  const all = [
    ...Object.keys(operatorTable).map((name) => `logic ${name}`),
    ...Object.keys(fieldOperators).map((name) => `field ${name}`),
  ];
  expect(all.filter((name) => !used.has(name))).toEqual([]);
  const effects = records.flatMap((record) => record.effects);
  expect(new Set(effects.map(({ type }) => type))).toEqual(new Set(coreActionTypes.map(({ type }) => type)));
  expect(new Set(effects.map(({ status }) => status))).toEqual(new Set(['effective', 'overridden', 'blocked']));
  const codes = new Set(records.flatMap(({ errors }) => errors.map(({ code }) => code)));
  expect([...codes].sort()).toEqual(
    expect.arrayContaining([
      'unknown-function',
      'invalid-date',
      'invalid-unit',
      'missing-path',
      'not-a-number',
      'thrown',
      'type-mismatch',
    ]),
  );
  expect(new Set(records.map(({ outcome }) => outcome))).toEqual(new Set(['allow', 'deny', 'review']));
});
