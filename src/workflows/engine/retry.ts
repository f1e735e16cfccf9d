import type { RetryPolicy, Step, WorkflowSettings } from './definition.js';

const LONGEST_BACKOFF_MS = 86_400_000;
const JITTER = 0.25;

/** The policy of a step: its own, or exponential from one second with the workflow's number of attempts. */
export const retryPolicyOf = (step: Step, settings: WorkflowSettings): RetryPolicy =>
  step.onError?.retry ?? { attempts: settings.retryAttempts, backoff: 'exponential', delayMs: 1000 };

/**
 * Milliseconds to wait after failed attempt number `attempt` (from 1): never less than the policy says, up to a quarter
 * more, so that executions that failed together do not come back together. One seed gives one answer.
 */
export const backoffMs = (policy: RetryPolicy, attempt: number, seed: string): number => {
  const factor = policy.backoff === 'exponential' ? 2 ** (attempt - 1) : 1;
  const delayMs = Math.min(policy.delayMs * factor, LONGEST_BACKOFF_MS);
  return Math.round(delayMs * (1 + JITTER * fractionOf(seed)));
};

/** A fraction from 0 up to 1 out of a text: FNV-1a (32 bits), then the finalizer of MurmurHash3 to spread it. */
const fractionOf = (seed: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < seed.length; index++) hash = Math.imul(hash ^ seed.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
};
