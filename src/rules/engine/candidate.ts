import type { RuleDefinition } from './rule.js';
import { encodeTrace, packTrace, PACKED_LIMIT } from './trace.js';
import type { TraceState } from './trace.js';

/** A rule that was evaluated: id, version, what became of it (False, True or Error of TraceState), its trace. */
export type Candidate = readonly [ruleId: string, version: number, outcome: TraceState, trace: string];

/**
 * Writes down the evaluations of one rule. A rule mostly goes the way it went before, and then the tuple of that time is
 * taken again: over a hundred rules, writing traces is most of a decision's work.
 */
export class CandidateWriter {
  private lastPattern = -1;
  private last: Candidate | undefined;

  constructor(
    private readonly rule: Pick<RuleDefinition, 'id' | 'version'>,
    private readonly nodeCount: number,
  ) {}

  write(outcome: TraceState, trace: Uint8Array): Candidate {
    const { id, version } = this.rule;
    if (this.nodeCount > PACKED_LIMIT) return [id, version, outcome, encodeTrace(trace, this.nodeCount)];
    const pattern = packTrace(trace, this.nodeCount) * 4 + outcome;
    if (pattern === this.lastPattern && this.last) return this.last;
    this.lastPattern = pattern;
    return (this.last = [id, version, outcome, encodeTrace(trace, this.nodeCount)]);
  }
}
