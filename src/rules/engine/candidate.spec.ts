import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { propertyRuns } from '../../../test/support/property-runs.js';
import { candidateOf } from './candidate.js';
import { encodeTrace, packTrace, PACKED_LIMIT, TraceState } from './trace.js';

const outcome = fc.constantFrom(TraceState.False, TraceState.True, TraceState.Error);
const states = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: PACKED_LIMIT });

it('a tuple says what was packed, whatever the states', () => {
  fc.assert(
    fc.property(states, outcome, (list, result) => {
      const trace = Uint8Array.from(list);
      const packed = packTrace(trace, list.length) * 4 + result;
      const candidate = candidateOf({ id: 'r', version: 3 }, list.length, packed);
      expect(candidate).toEqual(['r', 3, result, encodeTrace(trace, list.length)]);
    }),
    { numRuns: propertyRuns(500) },
  );
});
