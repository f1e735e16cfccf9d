import { expect, it } from '@jest/globals';
import type { RuleError } from '../engine/decide.js';
import { answeredErrors } from './error-groups.js';

const errorOf = (index: number, path: string): RuleError => ({
  ruleId: `rule-${index}`,
  ruleName: `Rule ${index}`,
  code: 'missing-path',
  message: `rule-${index}: The context has no "${path}".`,
  pointer: '#/conditions/0',
});
const errors = (count: number): RuleError[] =>
  Array.from({ length: count }, (_, index) => errorOf(index, index % 3 === 0 ? 'lead.score' : 'lead.size'));

it('leaves up to 100 errors as they are', () => {
  expect(answeredErrors(errors(100))).toEqual(errors(100));
});

it('groups more than 100 by what is missing, in order, with how many and some of the rules', () => {
  const groups = answeredErrors(errors(150));
  expect(groups.map(({ count, message }) => [count, message])).toEqual([
    [50, 'rule-0: The context has no "lead.score".'],
    [100, 'rule-1: The context has no "lead.size".'],
  ]);
  expect(groups[0]!.ruleIds).toEqual(Array.from({ length: 10 }, (_, index) => `rule-${index * 3}`));
});
