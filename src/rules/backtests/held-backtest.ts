import type { Unit, UnitOfWork } from '../../audit/audit.contract.js';
import type { Actor } from '../../platform/http/actor.js';
import type { Backtest } from './backtest.js';
import { findBacktest } from './find-backtest.js';

/** A back-test in the hands of one worker. */
export interface HeldBacktest {
  readonly actor: Actor;
  readonly backtest: Backtest;
  readonly worker: string;
}

/**
 * Changes a back-test in a unit of its own.
 * @returns false, with nothing changed, when somebody else holds it by now or it was cancelled
 */
export const whileHeld = (
  unitOfWork: UnitOfWork,
  { actor, backtest: { id }, worker }: HeldBacktest,
  change: (backtest: Backtest, unit: Unit) => void,
): Promise<boolean> =>
  unitOfWork.run(actor, async (unit) => {
    const current = await findBacktest(unit.em, id);
    if (!current.isHeldBy(worker)) return false;
    change(current, unit);
    return true;
  });
