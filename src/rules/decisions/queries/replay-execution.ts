import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Operation } from 'rfc6902';
import type { JsonValue } from '../../../kernel/json.js';
import type { Actor } from '../../../platform/http/actor.js';
import { SEMANTICS_VERSION } from '../../engine/decide.js';
import type { ExecutionView } from '../execution-view.js';
import { ExecutionReader } from '../execution-reader.js';
import { Readers } from '../readers.js';
import { RecordedDecisions } from '../recorded-decisions.js';
import { compareReplay, recordedPolicy } from '../replay-comparison.js';
import { RuleSetDecider } from '../rule-set-decider.js';
import { RuleSets } from '../rule-sets.js';

/** What a recorded decision gives when it is taken again. */
export interface ExecutionReplay {
  readonly executionId: string;
  readonly ruleSetRevision: number;
  /** Null when it cannot be said, see `reason`. */
  readonly isEqual: boolean | null;
  /** `older_semantics`: recorded by an engine that decided differently; `erased`: a value is gone for ever. */
  readonly reason: 'older_semantics' | 'erased' | null;
  readonly semanticsVersion: { readonly recorded: number; readonly current: number };
  /** JSON Patch (RFC 6902) from what was recorded to what the replay gave. */
  readonly difference: readonly Operation[];
}

/** Takes a recorded decision again: its revision, its context, its facts. Nothing is written. */
export class ReplayExecution extends Query<ExecutionReplay> {
  constructor(
    readonly actor: Actor,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(ReplayExecution)
export class ReplayExecutionHandler implements IQueryHandler<ReplayExecution> {
  constructor(
    private readonly recorded: RecordedDecisions,
    private readonly ruleSets: RuleSets,
    private readonly decider: RuleSetDecider,
    private readonly readers: Readers,
    private readonly reader: ExecutionReader,
  ) {}

  /** @throws not-found */
  async execute({ actor, id }: ReplayExecution): Promise<ExecutionReplay> {
    const { execution, isErased, stored } = await this.recorded.get(actor.organizationId, id);
    const { ruleSetRevision, semanticsVersion } = execution;
    const about = {
      executionId: id,
      ruleSetRevision,
      semanticsVersion: { recorded: semanticsVersion, current: SEMANTICS_VERSION },
    };
    if (isErased) return { ...about, isEqual: null, reason: 'erased', difference: [] };
    const { isEqual, difference } = await this.replay(actor, execution);
    // Who may see the values is about to, and that is recorded.
    if (difference.length > 0) await this.reader.show(actor, [stored]);
    const shown = await this.shown(actor, execution, difference);
    if (semanticsVersion === SEMANTICS_VERSION) return { ...about, isEqual, reason: null, difference: shown };
    return { ...about, isEqual: null, reason: 'older_semantics', difference: shown };
  }

  private async replay({ organizationId }: Actor, execution: ExecutionView): Promise<ReturnType<typeof compareReplay>> {
    const { entryPoint, ruleSetRevision, context, facts } = execution;
    const ruleSet = await this.ruleSets.at(organizationId, entryPoint, ruleSetRevision);
    return compareReplay(execution, await this.decider.decide(ruleSet, recordedPolicy(execution), context, facts));
  }

  /** Values of effects and errors may come from anywhere in the context, so they are all left out for some readers. */
  private async shown(actor: Actor, { entryPoint, context }: ExecutionView, difference: readonly Operation[]) {
    if (difference.length === 0) return difference;
    const isHidden = await this.readers.hiddenPaths(actor, entryPoint);
    if (!leafPaths(context, '').some(isHidden)) return difference;
    return difference.map((operation) => ('value' in operation ? { ...operation, value: '***' } : operation));
  }
}

function leafPaths(value: JsonValue, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, member]) => leafPaths(member, path === '' ? key : `${path}.${key}`));
}
