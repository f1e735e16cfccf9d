import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { propertyRuns } from '../../../test/support/property-runs.js';
import { CandidateWriter } from './candidate.js';
import { encodeTrace, TraceState } from './trace.js';

const outcome = fc.constantFrom(TraceState.False, TraceState.True, TraceState.Error);
const state = fc.integer({ min: 0, max: 3 });
// Few different traces of one length, so that they come again; short ones are remembered, long ones are not.
const evaluations = fc.integer({ min: 0, max: 17 }).chain((length) => {
  const trace = fc.array(state, { minLength: length, maxLength: length });
  return fc
    .array(trace, { minLength: 1, maxLength: 2 })
    .chain((traces) => fc.tuple(fc.constant(length), fc.array(fc.tuple(outcome, fc.constantFrom(...traces)))));
});

it('a remembered tuple is the one that would be written anew', () => {
  fc.assert(
    fc.property(evaluations, ([nodeCount, list]) => {
      const writer = new CandidateWriter({ id: 'r', version: 3 }, nodeCount);
      for (const [result, states] of list) {
        const trace = Uint8Array.from(states);
        expect(writer.write(result, trace)).toEqual(['r', 3, result, encodeTrace(trace, nodeCount)]);
      }
    }),
    { numRuns: propertyRuns(500) },
  );
});
