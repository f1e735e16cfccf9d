import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { LRUCache } from 'lru-cache';
import type { Actor } from '../../../platform/http/actor.js';
import { ActionTypes } from '../../decisions/action-types.js';
import { type RuleSet, RuleSets } from '../../decisions/rule-sets.js';
import type { ConflictReport } from '../../engine/conflicts.js';
import { EntryPoints, type PreparedEntryPoint } from '../../entry-points/entry-points.js';
import { definitionsOf } from '../../functions/function-sets.js';
import { ConflictThread } from '../conflict-thread.js';

/** What was found among the live rules of an entry point. */
export interface RuleConflicts extends ConflictReport {
  readonly entryPoint: string;
  /** The revision of the rule set that was searched. */
  readonly revision: number;
  /** How many rules it holds. */
  readonly ruleCount: number;
  /** ISO 8601: from when on conflicts count. */
  readonly from: string;
}

/** Looks for conflicts among the live rules of an entry point. */
export class FindRuleConflicts extends Query<RuleConflicts> {
  constructor(
    readonly actor: Actor,
    readonly entryPoint: string,
  ) {
    super();
  }
}

interface Found {
  readonly schema: PreparedEntryPoint['schema'];
  readonly conflicts: Promise<RuleConflicts>;
}

const MOST_ANSWERS = 200;
/** With time rules come into force and go out of it, so an answer is not good for ever. */
const ANSWER_AGE_MS = 600_000;

@QueryHandler(FindRuleConflicts)
export class FindRuleConflictsHandler implements IQueryHandler<FindRuleConflicts> {
  private readonly answers = new LRUCache<string, Found>({ max: MOST_ANSWERS, ttl: ANSWER_AGE_MS });

  constructor(
    private readonly entryPoints: EntryPoints,
    private readonly ruleSets: RuleSets,
    private readonly actionTypes: ActionTypes,
    private readonly thread: ConflictThread,
  ) {}

  /** @throws not-found `unknown-entry-point`, unavailable `conflicts-busy` */
  async execute({ actor: { organizationId }, entryPoint: name }: FindRuleConflicts): Promise<RuleConflicts> {
    const entryPoint = await this.entryPoints.get(organizationId, name);
    const ruleSet = await this.ruleSets.get(organizationId, entryPoint);
    const key = `${organizationId} ${name} ${ruleSet.revision}`;
    const known = this.answers.get(key);
    if (known?.schema === entryPoint.schema) return known.conflicts;
    const conflicts = this.find(entryPoint, ruleSet);
    this.answers.set(key, { schema: entryPoint.schema, conflicts });
    conflicts.catch(() => this.answers.delete(key));
    return conflicts;
  }

  private async find({ name, schema, failurePolicy }: PreparedEntryPoint, ruleSet: RuleSet): Promise<RuleConflicts> {
    const rules = [...ruleSet.definitions.values()];
    const from = new Date().toISOString();
    const functions = definitionsOf(ruleSet.compiled.functions);
    const portable = { rules, actionTypes: this.actionTypes.portable, failurePolicy, functions };
    const report = await this.thread.find({ ruleSet: portable, schema, from });
    return { entryPoint: name, revision: ruleSet.revision, ruleCount: rules.length, from, ...report };
  }
}
