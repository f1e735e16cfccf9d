import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import type { Actor } from '../../../platform/http/actor.js';
import { findBacktest } from '../find-backtest.js';

/** Stops a back-test; what it found so far stays. */
export class CancelBacktest extends Command<void> {
  constructor(
    readonly actor: Actor,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(CancelBacktest)
export class CancelBacktestHandler implements ICommandHandler<CancelBacktest> {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** @throws not-found, conflict `backtest-finished` */
  execute({ actor, id }: CancelBacktest): Promise<void> {
    return this.unitOfWork.run(actor, async (unit) => {
      const backtest = await findBacktest(unit.em, id);
      unit.record('backtest', backtest, ...backtest.cancel(new Date()));
    });
  }
}
