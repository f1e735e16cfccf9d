import type { JsonValue } from '../../kernel/json.js';
import type { StepError, StepRunKey } from '../engine/state.js';

/** Whether two keys name the same visit. */
export const isSame = (a: StepRunKey, b: StepRunKey): boolean =>
  a.stepId === b.stepId && a.scope === b.scope && a.visit === b.visit;

/** The key of a visit, without what else is known of it. */
export const keyOf = ({ stepId, scope, visit }: StepRunKey): StepRunKey => ({ stepId, scope, visit });

/** An error as rows hold it. */
export const describeError = (error: StepError | undefined): JsonValue =>
  error ? { code: error.code, message: error.message } : null;
