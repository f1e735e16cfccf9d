import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { runCases, runConformance } from './conformance.js';
import type { ConformanceCase } from './conformance.js';

const suites = fileURLToPath(new URL('../../../../shared/suites', import.meta.url));
const isThere = existsSync(suites);

(isThere ? describe : describe.skip)('the public JSONLogic suites', () => {
  const reports = isThere ? runConformance(suites) : [];

  it('pass in full', () => {
    expect(reports.flatMap(({ failed }) => failed)).toEqual([]);
    expect(reports.reduce((total, { passed }) => total + passed, 0)).toBeGreaterThanOrEqual(1138);
    expect(reports.find(({ file }) => file === 'compatible.json')?.passed).toBeGreaterThanOrEqual(278);
  });
});

/** One case for each operator at least, so that the semantics are held where the suites are not at hand. */
const sample: readonly ConformanceCase[] = [
  { description: 'data', rule: [1, 'a', null, {}, { var: 'x' }], data: { x: 2 }, result: [1, 'a', null, {}, 2] },
  { description: 'a default', rule: { var: ['lead.city', 'nowhere'] }, data: { lead: {} }, result: 'nowhere' },
  { description: 'null is there', rule: { var: ['city', 'nowhere'] }, data: { city: null }, result: null },
  { description: 'soft', rule: { '==': ['7', 7, true] }, result: false },
  { description: 'soft with null', rule: { '==': [null, false] }, result: true },
  { description: 'text as number', rule: { '<': ['10', 9] }, result: false },
  { description: 'text as text', rule: { '<': ['10', '9'] }, result: true },
  { description: 'no number', rule: { '>=': ['ten', 9] }, error: { type: 'NaN' } },
  { description: 'strict', rule: { '!==': [1, '1'] }, result: true },
  { description: 'and gives the value', rule: { and: [1, 'x', []] }, result: [] },
  { description: 'or is lazy', rule: { or: [0, 'x', { throw: 'late' }] }, result: 'x' },
  { description: 'else if', rule: { if: [0, 1, '0', 2, 3] }, result: 2 },
  { description: 'not', rule: { '!': [[]] }, result: true },
  { description: 'first known', rule: { '??': [null, { var: 'y' }, 0] }, data: {}, result: 0 },
  { description: 'sum of an argument list', rule: { '+': { merge: [[1, '2'], 3] } }, result: 6 },
  { description: 'negation of 0', rule: { '-': 0 }, result: 0 },
  { description: 'division by zero', rule: { '/': [1, 0] }, error: { type: 'NaN' } },
  { description: 'overflow', rule: { '*': [1e308, 10] }, error: { type: 'NaN' } },
  { description: 'remainder', rule: { '%': [-7, 4] }, result: -3 },
  { description: 'one operand', rule: { '%': [7] }, error: { type: 'Invalid Arguments' } },
  { description: 'extremes', rule: [{ max: [1, '3'] }, { min: { var: 'n' } }], data: { n: [4, 2] }, result: [3, 2] },
  { description: 'text', rule: { cat: ['a', null, 1, true] }, result: 'a1true' },
  { description: 'part', rule: { substr: ['decision', -4, -2] }, result: 'si' },
  { description: 'in text', rule: { in: ['it', 'quit'] }, result: true },
  {
    description: 'map with index',
    rule: { map: [[5, 6], { '+': [{ val: [] }, { val: [[1], 'index'] }] }] },
    result: [5, 7],
  },
  {
    description: 'outer context',
    rule: { filter: [[1, 2], { '>': [{ val: [] }, { val: [[2], 'least'] }] }] },
    data: { least: 1 },
    result: [2],
  },
  {
    description: 'fold',
    rule: { reduce: [[1, 2], { '-': [{ var: 'accumulator' }, { var: 'current' }] }, 9] },
    result: 6,
  },
  {
    description: 'all of none',
    rule: [{ all: [[], true] }, { none: [[], true] }, { some: [[], true] }],
    result: [false, true, false],
  },
  { description: 'no list', rule: { some: [{ var: 'x' }, true] }, data: {}, error: { type: 'Invalid Arguments' } },
  { description: 'a list that is missing', rule: { map: [{ var: 'x' }, 1] }, data: {}, result: [] },
  { description: 'a list written as null', rule: { map: [null, 1] }, error: { type: 'Invalid Arguments' } },
  { description: 'missing', rule: { missing: ['a.b', 'c'] }, data: { a: { b: '' }, c: 0 }, result: ['a.b'] },
  { description: 'enough', rule: { missing_some: [1, ['a', 'b']] }, data: { b: 1 }, result: [] },
  { description: 'exists', rule: { exists: ['a', 'b'] }, data: { a: { b: null } }, result: true },
  {
    description: 'try sees the error',
    rule: { try: [{ throw: { preserve: { type: 't', n: 4 } } }, { val: 'n' }] },
    result: 4,
  },
  { description: 'throw', rule: { throw: 'stop' }, error: { type: 'stop' } },
];

it('our own cases', () => {
  const { passed, failed } = runCases('sample', sample);
  expect(failed).toEqual([]);
  expect(passed).toBe(sample.length);
});

it('a case that gives something else is reported with both answers', () => {
  const wrong: ConformanceCase = { description: 'wrong', rule: { '+': [1, 1] }, result: 3 };
  const unknown: ConformanceCase = { description: 'unknown', rule: { nope: 1 }, result: 3 };
  expect(runCases('wrong', [wrong, unknown])).toEqual({
    file: 'wrong',
    passed: 0,
    failed: [
      { description: 'wrong', rule: wrong.rule, expected: 'gives 3', actual: 'gives 2' },
      expect.objectContaining({ description: 'unknown', actual: 'is refused: There is no operator "nope".' }),
    ],
  });
});
