import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { ActionTypes } from '../decisions/action-types.js';
import type { Decision } from '../engine/decide.js';
import type { Facts } from '../engine/facts.js';
import type { FunctionDefinition } from '../engine/function-definition.js';
import type { CompiledRuleSet, FailurePolicy } from '../engine/rule-set.js';
import { FunctionMetrics } from './function-metrics.js';
import { definitionsOf } from './function-sets.js';
import type { CallFailure } from './sandbox/sandbox.js';
import type { ThreadResults } from './thread/thread-messages.js';
import { ThreadQueue } from './thread/thread-queue.js';

/** What is decided, by which rules. */
export interface SandboxedDecision {
  readonly compiled: CompiledRuleSet;
  readonly failurePolicy: FailurePolicy;
  readonly context: JsonObject;
  readonly facts: Facts;
}

/** Runs authors' functions in a thread of their own, so that they never hold up the event loop. */
@Injectable()
export class FunctionSandbox implements OnApplicationShutdown {
  private readonly thread: ThreadQueue;
  private readonly numbers = new WeakMap<CompiledRuleSet, number>();
  private lastNumber = 0;

  constructor(
    private readonly actionTypes: ActionTypes,
    metrics: FunctionMetrics,
  ) {
    const thread = new ThreadQueue(({ calls }) => metrics.called(calls));
    metrics.showQueue(() => thread.length);
    this.thread = thread;
  }

  /** Decides as a whole where functions may run. @throws unavailable when the thread is overloaded or died */
  async decide({ compiled, failurePolicy, context, facts }: SandboxedDecision): Promise<Decision> {
    const task = { kind: 'decide' as const, ruleSetNumber: this.numberOf(compiled), failurePolicy, context, facts };
    const decision = await this.thread.ask(task);
    if (decision) return decision;
    const ruleSet = {
      rules: compiled.rules.map(({ definition }) => definition),
      actionTypes: this.actionTypes.portable,
      failurePolicy,
      functions: definitionsOf(compiled.functions),
      schema: compiled.schema,
    };
    return (await this.thread.ask({ ...task, ruleSet }))!;
  }

  /** Calls a function once. @throws unavailable */
  call(
    definition: FunctionDefinition,
    args: readonly JsonValue[],
    { now, seed }: { readonly now: string; readonly seed: string },
  ): Promise<ThreadResults['call']> {
    return this.thread.ask({ kind: 'call', definition, args, now, seed });
  }

  /** What keeps a function from being compiled, undefined when nothing does. @throws unavailable */
  check(definition: FunctionDefinition): Promise<CallFailure | undefined> {
    return this.thread.ask({ kind: 'check', definition });
  }

  onApplicationShutdown(): Promise<void> {
    return this.thread.close();
  }

  /** The thread keeps rule sets under these numbers; a compiled set never changes. */
  private numberOf(compiled: CompiledRuleSet): number {
    const known = this.numbers.get(compiled);
    if (known !== undefined) return known;
    this.lastNumber += 1;
    this.numbers.set(compiled, this.lastNumber);
    return this.lastNumber;
  }
}
