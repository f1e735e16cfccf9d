import { Command, CommandHandler, QueryBus, type ICommandHandler } from '@nestjs/cqrs';
import { type Unit, UnitOfWork } from '../../../audit/audit.contract.js';
import { invalid } from '../../../kernel/domain-error.js';
import { newId } from '../../../kernel/id.js';
import type { Actor } from '../../../platform/http/actor.js';
import { Queues } from '../../../platform/queue/queues.js';
import { GetRule } from '../../business-rules/queries/get-rule.js';
import { ruleSetScope } from '../../business-rules/rule-set-scope.js';
import { hiddenPaths } from '../../decisions/hidden-paths.js';
import { EntryPoints, type PreparedEntryPoint } from '../../entry-points/entry-points.js';
import { backtestJob } from '../backtest-alarm.js';
import { Backtest, type BacktestScope } from '../backtest.js';

/** Tries the newest draft of a rule over recorded decisions, by a job. */
export class StartBacktest extends Command<{ readonly jobId: string }> {
  constructor(
    readonly actor: Actor,
    readonly ruleId: string,
    readonly scope: BacktestScope,
  ) {
    super();
  }
}

@CommandHandler(StartBacktest)
export class StartBacktestHandler implements ICommandHandler<StartBacktest> {
  constructor(
    private readonly queries: QueryBus,
    private readonly entryPoints: EntryPoints,
    private readonly unitOfWork: UnitOfWork,
    private readonly queues: Queues,
  ) {}

  /** @throws not-found, invalid `empty-span` or `hidden-path` */
  async execute({ actor, ruleId, scope }: StartBacktest): Promise<{ readonly jobId: string }> {
    const { entryPoint: name, version: ruleVersion } = await this.queries.execute(new GetRule(actor, ruleId));
    const entryPoint = await this.entryPoints.get(actor.organizationId, name);
    const now = new Date();
    // What is recorded from now on would never end.
    const bounded = { ...scope, to: scope.to < now ? scope.to : now };
    assertSpan(bounded);
    assertShown(actor, entryPoint, bounded);
    const { organizationId, correlationId, id: userId } = actor;
    return this.unitOfWork.run(actor, async (unit) => {
      const ruleSetRevision = await revisionOf(unit, name);
      const subject = {
        ruleId,
        ruleVersion,
        entryPoint: name,
        failurePolicy: entryPoint.failurePolicy,
        ruleSetRevision,
      };
      const place = { id: newId(now), organizationId, correlationId };
      const { backtest, events } = Backtest.queue(place, subject, bounded, { userId, now });
      unit.em.persist(backtest);
      unit.record('backtest', backtest, ...events);
      unit.onCommitted(() => this.queues.wake('jobs', [backtestJob(backtest)]));
      return { jobId: backtest.id };
    });
  }
}

function assertSpan({ from, to }: BacktestScope): void {
  if (from < to) return;
  throw invalid(
    'empty-span',
    'Nothing can be recorded from then until then; from must be earlier than to and than now.',
    {
      violations: [{ pointer: '#/from', message: 'must be earlier than to, and in the past' }],
    },
  );
}

/** The result names values of the path, and stays readable for all who may read rules. */
function assertShown(actor: Actor, entryPoint: PreparedEntryPoint, { segmentPath }: BacktestScope): void {
  const mayNotSee = {
    ...actor,
    permissions: new Set([...actor.permissions].filter((one) => one !== 'audit:read-sensitive')),
  };
  if (segmentPath === null || !hiddenPaths(mayNotSee, entryPoint)(segmentPath)) return;
  throw invalid('hidden-path', `Values at ${segmentPath} are sensitive or personal and cannot name segments.`, {
    violations: [{ pointer: '#/segmentPath', message: 'must be a path that every reader may see' }],
  });
}

async function revisionOf({ em, actor }: Unit, entryPoint: string): Promise<number> {
  const [head] = await em.execute<{ revision: string }[]>(
    'select revision from cache_heads where organization_id = ? and scope = ?',
    [actor.organizationId, ruleSetScope(entryPoint)],
  );
  return Number(head?.revision ?? 0);
}
