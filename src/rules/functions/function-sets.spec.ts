import { expect, it } from '@jest/globals';
import { createActionRegistry } from '../engine/action-types.js';
import { decide } from '../engine/decide.js';
import type { RuleFunctions } from '../engine/expression.js';
import type { CompiledRule, CompiledRuleSet } from '../engine/rule-set.js';
import { compileRuleSet } from '../engine/rule-set.js';
import { reusable, sameFunctions } from './function-sets.js';

const rule = (id: string, condition: Record<string, string[]>) => ({
  id,
  version: 1,
  name: id,
  priority: 0,
  createdAt: '2026-11-01T00:00:00.000Z',
  enabled: true,
  stopOnMatch: false,
  condition,
  actions: [],
});
const rules = [rule('calling', { fn: ['chosen'] }), rule('plain', { '!!': ['always'] })];
const chosen = (source: string) => [{ name: 'chosen', version: 1, parameters: [], source }];
const compile = (functions: RuleFunctions, known?: ReadonlyMap<string, CompiledRule>): CompiledRuleSet =>
  compileRuleSet(rules, { actionTypes: createActionRegistry(), failurePolicy: 'fail_open', functions }, known);
const facts = {
  now: '2026-11-25T10:00:00.000Z',
  seed: 'set',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: 'user', role: 'owner', permissions: [] },
};

it('keeps what was compiled while the functions stay the same', () => {
  const functions = sameFunctions(undefined, chosen('return true;'));
  expect(sameFunctions(functions, chosen('return true;'))).toBe(functions);
  const known = compile(functions);
  expect(reusable(known, functions)).toBe(known.compiled);
});

it('compiles anew the rules that call another function of the same name and version, and those alone', () => {
  const known = compile(sameFunctions(undefined, chosen('return true;')));
  const functions = sameFunctions(known.functions, chosen('return false;'));
  expect(functions).not.toBe(known.functions);
  const next = compile(functions, reusable(known, functions));
  expect(decide(known, {}, facts).matchedRules).toEqual(['calling', 'plain']);
  expect(decide(next, {}, facts).matchedRules).toEqual(['plain']);
  expect(next.compiled.get('plain@1')).toBe(known.compiled.get('plain@1'));
});
