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

/** Decisions that go to the database together, while the next ones are being taken. */
const DECIDED_AT_ONCE = 125;

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
    const plain = items.map((item, index) => ({ item, index })).filter(({ item }) => !item.subject);
    const recordings: Promise<void>[] = [];
    for (let start = 0; start < plain.length; start += DECIDED_AT_ONCE) {
      const part = plain.slice(start, start + DECIDED_AT_ONCE);
      const decided = await this.decideAll(actor, entryPoint, part, results);
      // What is decided goes to the database while the rest is being decided.
      if (!isDryRun) recordings.push(this.recordAll(actor.organizationId, decided, results));
      await nextTurn();
    }
    await Promise.all(recordings);
    for (const [index, item] of items.entries()) {
      if (item.subject) results[index] = await this.decideAboutSubject(actor, request, item);
    }
    return results;
  }

  private async decideAll(
    actor: Actor,
    entryPoint: PreparedEntryPoint,
    part: readonly { readonly item: BatchItem; readonly index: number }[],
    results: BatchResult[],
  ): Promise<readonly Recordable[]> {
    const decided: Recordable[] = [];
    let turnBegan = performance.now();
    for (const { item, index } of part) {
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
    const recordings = await this.recorder
      .recordAll(organizationId, decided)
      .catch((reason: unknown) => decided.map(() => ({ status: 'rejected' as const, reason })));
    for (const [position, recording] of recordings.entries()) {
      if (recording.status === 'rejected') results[decided[position]!.index] = { error: recording.reason };
    }
  }

  private decideAboutSubject(
    actor: Actor,
    request: ExecuteRulesBatch['request'],
    item: BatchItem,
  ): Promise<BatchResult> {
    const { context, subject } = item;
    const single = { entryPoint: request.entryPoint, context, subject, isDryRun: request.isDryRun };
    return resultOf(this.commands.execute(new ExecuteRules(onTrail(actor, item), single)));
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
