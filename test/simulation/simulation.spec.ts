import { describe, expect, it } from '@jest/globals';
import { EventTypes } from '../../src/audit/audit.contract.js';
import type { JsonObject } from '../../src/kernel/json.js';
import { DefinitionCheck } from '../../src/workflows/definitions/definition-check.js';
import { StepActions } from '../../src/workflows/executions/step-actions.js';
import { propertyRuns } from '../support/property-runs.js';
import { ACTION_QUEUES } from './actions.js';
import { BUGS, type Bug } from './bugs.js';
import { simulate, type Simulated, writePrograms } from './simulate.js';

const SEEDS = propertyRuns(200);
/** In so many seeds each planted bug must be found. */
const SEEDS_OF_BUG = 300;

const numbered = (count: number): number[] => Array.from({ length: count }, (_value, index) => index + 1);

const actions = (): StepActions => {
  const known = new StepActions();
  for (const name of ['note', 'send']) {
    known.register({ ...ACTION_QUEUES.find(name)!, parametersSchema: { type: 'object' } });
  }
  return known;
};

const eventTypes = (): EventTypes => {
  const known = new EventTypes();
  known.register([{ type: 'crm.lead-changed', version: 1, isPublished: true, description: 'A lead changed.' }]);
  return known;
};

/** The first seed that a planted bug makes fail. */
const firstFound = async (bug: Bug): Promise<Simulated | undefined> => {
  for (const seed of numbered(SEEDS_OF_BUG)) {
    const simulated = await simulate(seed, { bug });
    if (simulated.violations.length > 0) return simulated;
  }
  return undefined;
};

describe('a simulation of workers that die, queues that forget and time that moves', () => {
  it('is of workflows that may be saved', () => {
    const check = new DefinitionCheck(actions(), eventTypes());
    for (const seed of numbered(SEEDS)) {
      for (const { definition } of writePrograms(seed)) {
        expect(check.violations(definition as unknown as JsonObject)).toEqual([]);
      }
    }
  });

  it('finds nothing wrong', async () => {
    const sums = { faults: 0, refusals: 0, compared: 0, unknown: 0 };
    for (const seed of numbered(SEEDS)) {
      const { violations, figures } = await simulate(seed);
      expect({ seed, violations }).toEqual({ seed, violations: [] });
      for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += figures[name];
    }
    // It has met what it is there for.
    expect(sums.faults).toBeGreaterThan(SEEDS);
    expect(sums.compared).toBeGreaterThan(SEEDS / 2);
    expect(sums.refusals).toBeGreaterThan(0);
    expect(sums.unknown).toBeGreaterThan(0);
  });

  it('repeats a seed exactly', async () => {
    const runs: string[][] = [];
    for (let turn = 0; turn < 2; turn++) {
      const lines: string[] = [];
      for (const seed of numbered(10)) await simulate(seed, { trace: (line) => lines.push(line) });
      runs.push(lines);
    }
    expect(runs[0]!.length).toBeGreaterThan(100);
    expect(runs[1]).toEqual(runs[0]);
  });

  it.each(Object.keys(BUGS) as Bug[])('finds a planted bug, and finds it again by its seed: %s', async (bug) => {
    const found = await firstFound(bug);
    expect(found).toBeDefined();
    const { seed, violations } = found!;
    expect((await simulate(seed, { bug })).violations).toEqual(violations);
    expect((await simulate(seed)).violations).toEqual([]);
  });
});
