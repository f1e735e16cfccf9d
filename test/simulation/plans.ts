import type { JsonValue } from '../../src/kernel/json.js';
import type { StepError } from '../../src/workflows/engine/state.js';
import { hash } from './random.js';

/** How an attempt fails that fails. */
export const FAILURES: Readonly<Record<'passing' | 'final', StepError>> = {
  passing: { code: 'busy', message: 'Come again later.', retryable: true },
  final: { code: 'refused', message: 'Never.', retryable: false },
};

/** What one attempt of an action comes to. */
export interface Plan {
  /** Milliseconds that it takes. */
  readonly durationMs: number;
  readonly failure?: keyof typeof FAILURES;
}

/** What one attempt of an action comes to, and what it gives when it succeeds. */
export interface PlannedStep {
  readonly plan: Plan;
  readonly output: JsonValue;
}

/** Names an attempt wherever and whenever it runs: `nth` counts the visits of the step in its place. */
export interface Attempt {
  readonly stepId: string;
  /** The scope without the visits of its owners, which depend on who came first. */
  readonly place: string;
  readonly nth: number;
  readonly attempt: number;
}

/** The id of the execution that a subworkflow step starts. */
export const childName = (parent: string, { stepId, place, nth }: Omit<Attempt, 'attempt'>): string =>
  `${parent}.${stepId}${place && `@${place}`}.${nth}`;

/** A scope without the visits of its owners. */
export const placeOf = (scope: string): string =>
  scope
    .split('/')
    .map((part) => part.replace(/\.\d+\.(\d+)$/, '.$1'))
    .join('/');

const MOST_FAILURES = 3;
const LONG_MS = 9_000;

/** What an attempt comes to: chance, but the same whatever happens around it. Compensations succeed in the end. */
export function planned(seed: string, { stepId, place, nth, attempt }: Attempt): PlannedStep {
  const visit = hash(`${seed} ${stepId} ${place} ${nth}`);
  const luck = visit % 100;
  const failures = luck < 20 ? 1 + ((visit >>> 8) % MOST_FAILURES) : 0;
  const isFinal = luck >= 92 && !stepId.startsWith('undo');
  const isPassing = attempt <= (stepId.startsWith('undo') ? Math.min(1, failures) : failures);
  const duration = hash(`${visit} ${attempt}`);
  return {
    plan: {
      durationMs: duration % 10 === 0 ? LONG_MS : duration % 1_500,
      ...(isFinal ? { failure: 'final' as const } : isPassing && { failure: 'passing' as const }),
    },
    output: { value: (visit >>> 16) % 100, nth },
  };
}
