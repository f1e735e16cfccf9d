import type { RuleDefinition } from './rule.js';
import { encodeTrace, unpackTrace } from './trace.js';
import type { TraceState } from './trace.js';

/** A rule that was evaluated: id, version, what became of it (False, True or Error of TraceState), its trace. */
export type Candidate = readonly [ruleId: string, version: number, outcome: TraceState, trace: string];

/** The tuple of a rule of at most PACKED_LIMIT nodes; `packed` is its packed trace with the outcome in two bits below. */
export const candidateOf = (
  { id, version }: Pick<RuleDefinition, 'id' | 'version'>,
  nodeCount: number,
  packed: number,
): Candidate => [
  id,
  version,
  (packed & 3) as TraceState,
  encodeTrace(unpackTrace(Math.floor(packed / 4), nodeCount), nodeCount),
];
