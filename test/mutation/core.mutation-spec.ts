// One suite that holds the others, so that a mutant loads the engine once instead of once for each of them.
import { readdirSync } from 'node:fs';
import fc from 'fast-check';

// The same cases for every mutant, and no search for a smaller one: that it was found is all that counts.
process.env.PROVISO_MUTATION = '1';
fc.configureGlobal({ seed: 20_261_125, endOnFailure: true });
// Nor does anybody read where it was found, and most mutants fail in many places.
Error.stackTraceLimit = 0;

/** They take many seconds and try the solver, which is not mutated. */
const solver = ['conflicts.spec.ts', 'counterfactual.spec.ts'];

const suites = readdirSync(new URL('../../src/rules/engine', import.meta.url))
  .filter((name) => name.endsWith('.spec.ts') && !solver.includes(name))
  .sort();
for (const name of suites) await import(`../../src/rules/engine/${name}`);
