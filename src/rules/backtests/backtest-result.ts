/** How often a rule did something, by the set in force and with the draft in its place. */
export interface BeforeAndAfter {
  readonly before: number;
  readonly after: number;
}

/** One way in which outcomes would change. */
export interface OutcomeChange {
  readonly before: string;
  readonly after: string;
  readonly decisions: number;
}

/** Decisions whose contexts hold one value at the chosen path. */
export interface FieldSegment {
  /** The value as JSON, `null` also where there is none; `…` for all values beyond the first ones. */
  readonly value: string;
  readonly decisions: number;
  readonly changed: number;
}

/** A decision that would change. It tells no value of its context; `explain` does, to those who may see them. */
export interface ChangedDecision {
  readonly executionId: string;
  readonly outcome: { readonly before: string; readonly after: string };
  /** Rules that would match in addition, and no more. */
  readonly matching: readonly string[];
  readonly notMatching: readonly string[];
  /** Effects that differ: rule and action type, and whether they would come, go or change. */
  readonly effects: readonly ChangedEffect[];
}

export interface ChangedEffect {
  readonly ruleId: string;
  readonly type: string;
  readonly change: 'added' | 'removed' | 'changed';
}

/** What a back-test found. */
export interface BacktestResult {
  /** Recorded decisions that were taken again. */
  readonly decisions: number;
  /** Decisions whose outcome or effects would change. */
  readonly changed: number;
  /** Decisions that were left out, because values of theirs are erased. */
  readonly erased: number;
  readonly matched: BeforeAndAfter;
  readonly failed: BeforeAndAfter;
  readonly byOutcome: readonly OutcomeChange[];
  /** Changed decisions by rule whose effects differ, most first. */
  readonly byRule: readonly { readonly ruleId: string; readonly changed: number }[];
  readonly byField: readonly FieldSegment[];
  /** The first changed decisions. */
  readonly examples: readonly ChangedDecision[];
}

/** Examples that are kept. */
export const MAX_EXAMPLES = 20;
/** Values of the chosen path, and rules, that are told apart. */
export const MAX_SEGMENTS = 100;
/** Stands for the values beyond those. */
export const OTHER_VALUES = '…';

const zero: BeforeAndAfter = { before: 0, after: 0 };

export const emptyResult: BacktestResult = {
  decisions: 0,
  changed: 0,
  erased: 0,
  matched: zero,
  failed: zero,
  byOutcome: [],
  byRule: [],
  byField: [],
  examples: [],
};

/** Adds what was found next to what was found before. */
export const addResults = (a: BacktestResult, b: BacktestResult): BacktestResult => sumOf([a, b]);

/** What was found in all of them, in their order: many at once cost little more than two. */
export const sumOf = (results: readonly BacktestResult[]): BacktestResult => ({
  decisions: total(results, ({ decisions }) => decisions),
  changed: total(results, ({ changed }) => changed),
  erased: total(results, ({ erased }) => erased),
  matched: totalPair(results, ({ matched }) => matched),
  failed: totalPair(results, ({ failed }) => failed),
  byOutcome: merged(
    results.flatMap(({ byOutcome }) => byOutcome),
    (one) => `${one.before} ${one.after}`,
    (one, other) => ({ ...one, decisions: one.decisions + other.decisions }),
  ),
  byRule: merged(
    results.flatMap(({ byRule }) => byRule),
    ({ ruleId }) => ruleId,
    (one, other) => ({ ...one, changed: one.changed + other.changed }),
  )
    .sort((one, other) => other.changed - one.changed || (one.ruleId < other.ruleId ? -1 : 1))
    .slice(0, MAX_SEGMENTS),
  byField: boundedSegments(results.flatMap(({ byField }) => byField)),
  examples: results.flatMap(({ examples }) => examples).slice(0, MAX_EXAMPLES),
});

const total = (results: readonly BacktestResult[], countOf: (result: BacktestResult) => number): number =>
  results.reduce((sum, result) => sum + countOf(result), 0);

const totalPair = (
  results: readonly BacktestResult[],
  pairOf: (result: BacktestResult) => BeforeAndAfter,
): BeforeAndAfter => ({
  before: total(results, (result) => pairOf(result).before),
  after: total(results, (result) => pairOf(result).after),
});

function merged<T>(items: readonly T[], keyOf: (item: T) => string, add: (one: T, other: T) => T): T[] {
  const byKey = new Map<string, T>();
  for (const item of items) {
    const key = keyOf(item);
    const known = byKey.get(key);
    byKey.set(key, known === undefined ? item : add(known, item));
  }
  return [...byKey.values()];
}

/** The first values stay apart, whatever comes in later, so that a sum never moves from one segment to another. */
function boundedSegments(segments: readonly FieldSegment[]): readonly FieldSegment[] {
  const values = new Set<string>();
  const bounded = segments.map((segment) => {
    if (values.has(segment.value) || values.size < MAX_SEGMENTS) {
      values.add(segment.value);
      return segment;
    }
    return { ...segment, value: OTHER_VALUES };
  });
  return merged(
    bounded,
    ({ value }) => value,
    (one, other) => ({
      ...one,
      decisions: one.decisions + other.decisions,
      changed: one.changed + other.changed,
    }),
  );
}
