import { expect, test } from '@jest/globals';
import type { FinishedStep, PassedStep } from '../engine/outcome.js';
import { endedVisits } from './ended-visits.js';

const finished = (stepId: string, scope = ''): FinishedStep => ({
  ...{ stepId, scope, visit: 1, attempt: 1 },
  status: 'completed',
  output: null,
});
const passed = (stepId: string, scope = ''): PassedStep => ({ stepId, scope, visit: 1, output: null });
const order = (ends: { finished?: FinishedStep[]; passed?: PassedStep[] }): string[] =>
  endedVisits({ finished: [], passed: [], ...ends }).map(({ stepId }) => stepId);

test('what brought a transition about comes before what passed after it', () => {
  expect(order({ finished: [finished('a')], passed: [passed('c'), passed('d')] })).toEqual(['a', 'c', 'd']);
  expect(order({ passed: [passed('c'), passed('d')] })).toEqual(['c', 'd']);
});

test('a parallel ends after its last branch and before what follows it', () => {
  const ends = { finished: [finished('b', 'all.1.0'), finished('all')], passed: [passed('then')] };
  expect(order(ends)).toEqual(['b', 'all', 'then']);
  const within = { finished: [finished('a'), finished('all')], passed: [passed('c', 'all.1.0'), passed('then')] };
  expect(order(within)).toEqual(['a', 'c', 'all', 'then']);
});

test('nested ones end from within', () => {
  const scope = 'all.1.0/each.1.2';
  const ends = [finished('body', scope), finished('each', 'all.1.0'), finished('all')];
  expect(order({ finished: ends, passed: [passed('then')] })).toEqual(['body', 'each', 'all', 'then']);
});

test('branches that are cancelled end before the parallel that cancels them', () => {
  const ends = [finished('fast', 'any.1.0'), finished('slow', 'any.1.1'), finished('any')];
  expect(order({ finished: ends })).toEqual(['fast', 'slow', 'any']);
});

test('a step whose name begins like that of a parallel is none of its parts', () => {
  const ends = [finished('b', 'all.1.0'), finished('all')];
  expect(order({ finished: ends, passed: [passed('c', 'all.10.0')] })).toEqual(['b', 'all', 'c']);
});
