import { setImmediate as nextTurn } from 'node:timers/promises';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Subject } from '../../../kernel/domain-event.js';
import type { JsonObject } from '../../../kernel/json.js';
import type { Actor } from '../../../platform/http/actor.js';
import { EntryPoints, type PreparedEntryPoint } from '../../entry-points/entry-points.js';
import { assertContextSize } from '../context-size.js';
import { type Decided, Decider } from '../decider.js';
import type { DecisionRecord } from '../decision-record.js';
import { DecisionRecorder } from '../decision-recorder.js';
import { ExecuteRules } from './execute-rules.js';

/** Milliseconds of deciding after which others get their turn. */
const TURN_MS = 20;

/** One of many contexts to decide about. */
export interface BatchItem {
  readonly context: JsonObject;
  /** The row that effects change; without it effects are answered and nothing is written. */
  readonly subject?: Subject;
  /** Recorded with the decision instead of the request's own. */
  readonly correlationId?: string;
}

/** What became of one item: its decision, or what was thrown. */
export type BatchResult = { readonly record: DecisionRecord } | { readonly error: unknown };

/**
 * Takes many decisions of one entry point; one result each, in order. Those without subject are recorded together, those
 * with one each in a transaction of its own, one after the other, so that a failing one undoes no other.
 */
export class ExecuteRulesBatch extends Command<readonly BatchResult[]> {
  constructor(
    readonly actor: Actor,
    readonly request: {
      readonly entryPoint: string;
      readonly items: readonly BatchItem[];
      /** Decide without recording or changing anything. */
      readonly isDryRun: boolean;
    },
  ) {
    super();
  }
}

@CommandHandler(ExecuteRulesBatch)
export class ExecuteRulesBatchHandler implements ICommandHandler<ExecuteRulesBatch> {
  constructor(
    private readonly entryPoints: EntryPoints,
    private readonly decider: Decider,
    private readonly recorder: DecisionRecorder,
    private readonly commands: CommandBus,
  ) {}

  /** @throws not-found `unknown-entry-point`; whatever goes wrong with one item is its result */
  async execute({ actor, request }: ExecuteRulesBatch): Promise<readonly BatchResult[]> {
    const { items, isDryRun } = request;
    const entryPoint = await this.entryPoints.get(actor.organizationId, request.entryPoint);
    const results: BatchResult[] = Array<BatchResult>(items.length);
    const decided = await this.decideAll(actor, entryPoint, items, results);
    if (!isDryRun) await this.recordAll(actor.organizationId, decided, results);
    for (const [index, item] of items.entries()) {
      const { subject, context } = item;
      if (!subject) continue;
      const single = { entryPoint: entryPoint.name, context, subject, isDryRun };
      results[index] = await resultOf(this.commands.execute(new ExecuteRules(onTrail(actor, item), single)));
    }
    return results;
  }

  private async decideAll(
    actor: Actor,
    entryPoint: PreparedEntryPoint,
    items: readonly BatchItem[],
    results: BatchResult[],
  ): Promise<readonly Recordable[]> {
    const decided: Recordable[] = [];
    let turnBegan = performance.now();
    for (const [index, item] of items.entries()) {
      if (item.subject) continue;
      const trail = onTrail(actor, item);
      const deciding = this.decideOne(trail, entryPoint, item.context);
      results[index] = await resultOf(deciding.then(({ record }) => record));
      if ('record' in results[index]) decided.push({ index, actor: trail, decided: await deciding });
      if (performance.now() - turnBegan < TURN_MS) continue;
      await nextTurn();
      turnBegan = performance.now();
    }
    return decided;
  }

  private async decideOne(actor: Actor, entryPoint: PreparedEntryPoint, context: JsonObject): Promise<Decided> {
    assertContextSize(context);
    return this.decider.decide(actor, { entryPoint, context });
  }

  /** No decision leaves unrecorded: one whose record failed becomes a failure. */
  private async recordAll(
    organizationId: string,
    decided: readonly Recordable[],
    results: BatchResult[],
  ): Promise<void> {
    const recordings = await this.recorder.recordAll(organizationId, decided);
    for (const [position, recording] of recordings.entries()) {
      if (recording.status === 'rejected') results[decided[position]!.index] = { error: recording.reason };
    }
  }
}

interface Recordable {
  readonly index: number;
  readonly actor: Actor;
  readonly decided: Decided;
}

const onTrail = (actor: Actor, { correlationId }: BatchItem): Actor =>
  correlationId === undefined ? actor : { ...actor, correlationId };

const resultOf = (deciding: Promise<DecisionRecord>): Promise<BatchResult> =>
  deciding.then(
    (record) => ({ record }),
    (error: unknown) => ({ error }),
  );
