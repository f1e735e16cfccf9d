import type { Candidate } from './candidate.js';
import { candidateOf } from './candidate.js';
import type { CompiledAction } from './compile-action.js';
import type { ResolvedAction } from './effects.js';
import type { Scope } from './expression.js';
import type { Exit, Relation, RuleProgram } from './rule-program.js';
import { MATCHED } from './rule-program.js';
import type { RuleDefinition } from './rule.js';
import { TraceState } from './trace.js';
import { isTruthy } from './values.js';

/** A rule as the program of its set needs it. */
export interface ProgrammedRule {
  readonly definition: Pick<RuleDefinition, 'id' | 'version' | 'stopOnMatch'>;
  readonly nodeCount: number;
  readonly program: RuleProgram | undefined;
  readonly isTimed: boolean;
  readonly actions: readonly CompiledAction[];
}

/** What a rule that matched wants, when nothing of it depends on the context but what the types of its actions add. */
export interface ConstantMatch {
  readonly ruleId: string;
  readonly stopOnMatch: boolean;
  readonly actions: readonly ResolvedAction[];
}

/** Of a rule that has no program, or over a context for which the program does not say: its closure is to be asked. */
export const ASK_CLOSURE = -1;

// Numbers of one test: relation, shift of the reading node, pattern and next test when it holds, the same when not.
const TEST_SIZE = 6;
// Numbers of one rule: its first test, what became of it the last time.
const RULE_SIZE = 2;
// Answers to a relation: whether it holds and whether what it read is truthy, or that neither can be said.
const HOLDS = 2;
const UNSAID = 4;
const ANSWER_BITS = 3;
/** Decisions after which their numbers begin again. */
export const LAST_GENERATION = 2 ** (31 - ANSWER_BITS) - 1;

/**
 * The conditions of a whole set as numbers in one array. A decision that looks at a few of very many rules finds none of
 * them in the processor's caches: closures and objects cost it about a dozen loads a rule, this costs it three. And what
 * several rules ask is answered once.
 */
export class SetProgram {
  private readonly relations: readonly Relation[];
  private readonly tests: Int32Array;
  private readonly rules: Int32Array;
  /** Answers, with the decision that they belong to above them. */
  private readonly answers: Int32Array;
  private readonly candidates: (Candidate | undefined)[];
  private readonly matches: (ConstantMatch | undefined)[];
  private generation = 0;

  constructor(private readonly definitions: readonly ProgrammedRule[]) {
    const numbering = new Map<string, number>();
    const relations: Relation[] = [];
    const numbers: number[] = [];
    this.rules = new Int32Array(definitions.length * RULE_SIZE).fill(ASK_CLOSURE);
    for (const [position, { program, isTimed }] of definitions.entries()) {
      if (!program || isTimed) continue;
      const base = numbers.length / TEST_SIZE;
      for (const { relation, readShift, onTrue, onFalse } of program) {
        let number = numbering.get(relation.key);
        if (number === undefined) numbering.set(relation.key, (number = relations.push(relation) - 1));
        numbers.push(number, readShift, ...placed(onTrue, base), ...placed(onFalse, base));
      }
      this.rules[position * RULE_SIZE] = numbers.length - TEST_SIZE;
    }
    this.relations = relations;
    this.tests = Int32Array.from(numbers);
    this.answers = new Int32Array(relations.length);
    this.candidates = new Array<Candidate | undefined>(definitions.length);
    this.matches = definitions.map(constantMatch);
  }

  /** Forgets the answers of the decision before. */
  begin(): void {
    if (this.generation === LAST_GENERATION) {
      // Or answers of long ago would pass for those of this decision.
      this.answers.fill(0);
      this.generation = 0;
    }
    this.generation++;
  }

  /** Runs the condition of the rule at a position. @returns states and outcome as `packed` for `write`, or ASK_CLOSURE */
  run(position: number, scope: Scope): number {
    const { tests } = this;
    let at = this.rules[position * RULE_SIZE]!;
    if (at < 0) return ASK_CLOSURE;
    let pattern = 0;
    while (at >= 0) {
      const answer = this.answer(tests[at]!, scope);
      if (answer === UNSAID) return ASK_CLOSURE;
      const read = (answer & 1) === 1 ? TraceState.True : TraceState.False;
      const exit = answer >= HOLDS ? at + 2 : at + 4;
      pattern += (read << tests[at + 1]!) + tests[exit]!;
      at = tests[exit + 1]!;
    }
    return pattern * 4 + (at === MATCHED ? TraceState.True : TraceState.False);
  }

  /**
   * Writes down what became of a rule. A rule mostly goes the way it went before, and then the tuple of that time is
   * taken again.
   */
  write(position: number, packed: number): Candidate {
    const known = this.candidates[position];
    if (known && this.rules[position * RULE_SIZE + 1] === packed) return known;
    const { definition, nodeCount } = this.definitions[position]!;
    this.rules[position * RULE_SIZE + 1] = packed;
    return (this.candidates[position] = candidateOf(definition, nodeCount, packed));
  }

  /** Undefined when the rule's own actions must be computed. */
  matchAt(position: number): ConstantMatch | undefined {
    return this.matches[position];
  }

  private answer(number: number, scope: Scope): number {
    const known = this.answers[number]!;
    if (known >> ANSWER_BITS === this.generation) return known & 7;
    const answer = ask(this.relations[number]!, scope);
    this.answers[number] = (this.generation << ANSWER_BITS) + answer;
    return answer;
  }
}

// Made in one go, so that all that a match needs lies side by side.
function constantMatch({
  definition: { id: ruleId, stopOnMatch },
  actions,
}: ProgrammedRule): ConstantMatch | undefined {
  const constant = actions.flatMap(({ actionType, constant: parameters }): ResolvedAction[] =>
    parameters ? [{ ruleId, actionType, parameters: { ...parameters } }] : [],
  );
  return constant.length === actions.length ? { ruleId, stopOnMatch, actions: constant } : undefined;
}

const placed = ({ next, pattern }: Exit, base: number): readonly [number, number] => [
  pattern,
  next < 0 ? next : (base + next) * TEST_SIZE,
];

function ask({ find, holds }: Relation, scope: Scope): number {
  try {
    const value = find(scope);
    if (value === undefined) return UNSAID;
    return (holds(value) ? HOLDS : 0) + (isTruthy(value) ? 1 : 0);
  } catch {
    return UNSAID;
  }
}
