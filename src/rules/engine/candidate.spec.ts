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

it.each([0, 1, 14])(
  'of %d nodes the tuple of the time before is taken again when nothing else became of it',
  (nodeCount) => {
    const writer = new CandidateWriter({ id: 'r', version: 3 }, nodeCount);
    const trace = new Uint8Array(nodeCount);
    const first = writer.write(TraceState.True, trace);
    expect(writer.write(TraceState.True, trace)).toBe(first);
    const other = writer.write(TraceState.False, trace);
    expect(other[2]).toBe(TraceState.False);
    expect(writer.write(TraceState.False, trace)).toBe(other);
  },
);

it('of states that differ in their last bits no tuple is taken for another', () => {
  const writer = new CandidateWriter({ id: 'r', version: 3 }, 2);
  const states = [0, 1, 2, 3];
  const traces = states.flatMap((first) => states.map((second) => Uint8Array.of(first, second)));
  const evaluations = traces.flatMap((trace) => states.slice(1).map((state) => [state as TraceState, trace] as const));
  const isWritten = ([state, trace]: (typeof evaluations)[number]) => {
    const [, , outcome, text] = writer.write(state, trace);
    return outcome === state && text === encodeTrace(trace, 2);
  };
  const written = evaluations.flatMap((one) => evaluations.flatMap((next) => [isWritten(one), isWritten(next)]));
  expect(written).not.toContain(false);
});

it('of more nodes than fit into a number each tuple is written anew', () => {
  const writer = new CandidateWriter({ id: 'r', version: 3 }, 15);
  const trace = new Uint8Array(15);
  expect(writer.write(TraceState.True, trace)).not.toBe(writer.write(TraceState.True, trace));
});
