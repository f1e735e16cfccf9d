import type { Advance, FinishedStep, PassedStep } from '../engine/outcome.js';

/** A visit that ended in a transition, whether it was open before or not. */
export type EndedVisit = FinishedStep;

/**
 * The visits that ended in a transition, in the order in which they did: first what brought it about, then what passed,
 * and each parallel or for_each after the last of its parts.
 */
export function endedVisits({ finished, passed }: Pick<Advance, 'finished' | 'passed'>): EndedVisit[] {
  const [first, ...others] = finished;
  const visits = [...(first ? [first] : []), ...passed.map(asFinished)];
  for (const other of others) {
    const last = visits.findLastIndex((visit) => isWithin(visit, other));
    visits.splice(last < 0 ? Math.min(1, visits.length) : last + 1, 0, other);
  }
  return visits;
}

const asFinished = (run: PassedStep): EndedVisit => ({
  ...run,
  attempt: 1,
  status: run.error ? 'failed' : 'completed',
});

/** Whether a visit happened in a branch or an item of another one. */
function isWithin({ scope }: EndedVisit, owner: EndedVisit): boolean {
  const outer = owner.scope === '' ? '' : `${owner.scope}/`;
  return scope.startsWith(`${outer}${owner.stepId}.${owner.visit}.`);
}
