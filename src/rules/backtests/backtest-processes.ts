import { Inject, Injectable } from '@nestjs/common';
import { CONFIGURATION } from '../../platform/config/config.module.js';
import type { Configuration } from '../../platform/config/configuration.js';
import { BacktestAssignments } from './backtest-assignment.js';
import { BacktestProcess } from './backtest-process.js';
import type { Backtest } from './backtest.js';

/** Starts the process of a back-test, where it was left. */
@Injectable()
export class BacktestProcesses {
  constructor(
    private readonly assignments: BacktestAssignments,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  async start(backtest: Backtest): Promise<BacktestProcess> {
    const assignment = await this.assignments.of(backtest);
    return new BacktestProcess({ databaseUrl: this.configuration.databaseUrl!, assignment });
  }
}
