import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ModuleRef } from '@nestjs/core';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { CommandRunner, Option, SubCommand } from 'nest-commander';
import { FindOrganization, systemActor } from '../identity/identity.contract.js';
import { isId } from '../kernel/id.js';
import type { Actor } from '../platform/http/actor.js';
import type { BacktestView } from '../rules/backtests/backtest-view.js';
import { BacktestWorker } from '../rules/backtests/backtest-worker.js';
import { StartBacktest } from '../rules/backtests/commands/start-backtest.js';
import { GetBacktest } from '../rules/backtests/queries/get-backtest.js';

interface Options {
  readonly organization: string;
  readonly rule: string;
  readonly from: Date;
  readonly to: Date;
  readonly cpuShare?: number;
  readonly json?: boolean;
}

const LOOKS_EVERY_MS = 500;
const UNFINISHED: readonly string[] = ['queued', 'running'];

@SubCommand({
  name: 'backtest',
  description: 'Tries a rule’s newest definition over recorded decisions; exit code 1 when one would change',
})
export class RulesBacktestCommand extends CommandRunner {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly modules: ModuleRef,
  ) {
    super();
  }

  async run(_parameters: string[], options: Options): Promise<void> {
    const { rule, from, to, cpuShare = 1, json = false } = options;
    const organizationId = await this.queries.execute(new FindOrganization(options.organization));
    const actor = systemActor(organizationId, { correlationId: randomUUID() });
    const scope = { from, to, sample: 1, cpuShare, segmentPath: null };
    const { jobId } = await this.commands.execute(new StartBacktest(actor, rule, scope));
    const done = await this.finished(actor, jobId);
    if (done.status !== 'completed') throw new Error(`The back-test ${jobId} is ${done.status}: ${done.failure ?? ''}`);
    process.stdout.write(json ? `${JSON.stringify(done)}\n` : summary(done));
    if (done.result.changed > 0) process.exitCode = 1;
  }

  /** Computes here, unless a running application is faster; then it waits for that. */
  private async finished(actor: Actor, backtestId: string): Promise<BacktestView> {
    const { organizationId, correlationId } = actor;
    const worker = this.modules.get(BacktestWorker, { strict: false });
    for (;;) {
      await worker.handle({ organizationId, backtestId, correlationId });
      const view = await this.queries.execute(new GetBacktest(actor, backtestId));
      process.stderr.write(`${Math.round(view.progress * 100)} %, ${view.result.decisions} decisions\n`);
      if (!UNFINISHED.includes(view.status)) return view;
      await sleep(LOOKS_EVERY_MS);
    }
  }

  @Option({ flags: '--organization <slug or id>', description: 'Whose rule', required: true })
  parseOrganization(text: string): string {
    return text;
  }

  @Option({ flags: '--rule <id>', description: 'The rule', required: true })
  parseRule(text: string): string {
    if (!isId(text)) throw new Error(`${text} is no id of a rule.`);
    return text;
  }

  @Option({ flags: '--from <instant>', description: 'Decisions from then on, ISO 8601', required: true })
  parseFrom(text: string): Date {
    return parseInstant(text);
  }

  @Option({ flags: '--to <instant>', description: 'Until, exclusive, ISO 8601', required: true })
  parseTo(text: string): Date {
    return parseInstant(text);
  }

  @Option({ flags: '--cpu-share <share>', description: 'Share of one processor, up to 1, which is the default' })
  parseShare(text: string): number {
    const share = Number(text);
    if (!(share >= 0.01 && share <= 1)) throw new Error(`${text} is no share between 0.01 and 1.`);
    return share;
  }

  @Option({ flags: '--json', description: 'Prints the whole result as JSON' })
  parseJson(): boolean {
    return true;
  }
}

function parseInstant(text: string): Date {
  const instant = new Date(text);
  if (Number.isNaN(instant.getTime())) throw new Error(`${text} is no date of ISO 8601.`);
  return instant;
}

const summary = ({
  result: { decisions, changed, erased, matched, failed, byOutcome, byRule },
}: BacktestView): string =>
  [
    `${decisions} decisions, ${changed} would change, ${erased} left out as erased.`,
    `The rule matched in ${matched.before}, would in ${matched.after}; it failed in ${failed.before}, would in ${failed.after}.`,
    ...byOutcome.map(({ before, after, decisions: count }) => `${count} from ${before} to ${after}`),
    ...byRule.map(({ ruleId, changed: count }) => `${count} with other effects of the rule ${ruleId}`),
    '',
  ].join('\n');
