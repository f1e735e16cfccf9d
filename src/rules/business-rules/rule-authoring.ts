import { LockMode } from '@mikro-orm/core';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Unit } from '../../audit/audit.contract.js';
import { DomainError, invalid, notFound, type Violation } from '../../kernel/domain-error.js';
import { ChangeFollower } from '../../platform/cache/change-follower.js';
import type { Actor } from '../../platform/http/actor.js';
import type { RuleFunctions } from '../engine/expression.js';
import { lintRule } from '../engine/lint.js';
import { EntryPoints, type PreparedEntryPoint } from '../entry-points/entry-points.js';
import { RuleVocabulary } from '../functions/rule-vocabulary.js';
import { RuleLimits } from './rule-limits.js';
import { changeMembers } from './rule-set-members.js';
import { saveVersions } from './rule-versions.js';
import { type RuleView, viewOf } from './rule-view.js';
import { type AuthoredRule, Rule } from './rule.js';

/** Where an author says a rule belongs: by entry point, or by the entity that has only one. */
export interface RulePlace {
  readonly entryPoint?: string;
  readonly entity?: string;
}

/** An entry point with what rules that belong to it may call. */
export interface AuthoringPlace extends PreparedEntryPoint {
  readonly functions: RuleFunctions;
}

/** What a rule is checked against. */
export type RuleSurroundings = Pick<AuthoringPlace, 'schema' | 'writableFields' | 'functions'>;

/** How a new version is saved. */
export interface RevisionOptions {
  /** Puts it in force at once. */
  readonly isPublished: boolean;
  /** The version that the author saw; undefined when it does not matter. */
  readonly expectedVersion: number | undefined;
  /** The earlier version that it is equal to, when it was made to be. */
  readonly restores?: number;
}

/** What the commands on rules have in common: finding the place, checking a definition, putting it in force. */
@Injectable()
export class RuleAuthoring {
  constructor(
    private readonly entryPoints: EntryPoints,
    private readonly vocabulary: RuleVocabulary,
    private readonly follower: ChangeFollower,
    readonly limits: RuleLimits,
  ) {}

  /** @throws invalid when neither or both are given, or there is no such place */
  async entryPointOf(organizationId: string, { entryPoint, entity }: RulePlace): Promise<AuthoringPlace> {
    if ((entryPoint === undefined) === (entity === undefined)) {
      throw invalid('one-place-needed', 'Say where the rule belongs by either entryPoint or entity.', {
        violations: [{ pointer: '#/entryPoint', message: 'is needed, unless entity is given' }],
      });
    }
    const name = entryPoint ?? (await this.entryPoints.nameOfEntity(organizationId, entity!));
    const found = await this.entryPoints.get(organizationId, name).catch((error: unknown) => {
      if (!(error instanceof DomainError) || error.kind !== 'not-found') throw error;
      throw invalid(error.code, error.message, { violations: [{ pointer: '#/entryPoint', message: 'is not known' }] });
    });
    return { ...found, functions: await this.functionsOf(organizationId) };
  }

  /** The functions that rules of an organization may name, with those that come live; to check, not to call them. */
  functionsOf(organizationId: string, coming?: readonly string[]): Promise<RuleFunctions> {
    return this.vocabulary.nameable(organizationId, coming);
  }

  /** Everything that speaks against the definition, each with its place in it; empty when it can be saved. */
  violationsOf(place: RuleSurroundings, definition: AuthoredRule): readonly Violation[] {
    return [
      ...validityViolations(definition),
      ...(definition.actions.length === 0
        ? [{ pointer: '#/actions', message: 'A rule needs at least one action.' }]
        : []),
      ...lintRule(
        { ...definition, id: 'new', version: 1, createdAt: '1970-01-01T00:00:00.000Z' },
        {
          actionTypes: this.vocabulary.actionTypes,
          functions: place.functions,
          schema: place.schema,
          changeableFields: place.writableFields,
        },
      ),
    ];
  }

  /** @throws invalid `invalid-rule` with everything that speaks against the definition */
  assertSound(place: RuleSurroundings, definition: AuthoredRule): void {
    const violations = this.violationsOf(place, definition);
    if (violations.length === 0) return;
    throw invalid('invalid-rule', `The rule cannot be saved: ${violations[0]!.message}`, { violations });
  }

  /** The rule as its author sees it after a change, with warnings about its entry point where they are asked for. */
  async answer({ em }: Unit, rule: Rule, hasWarnings: boolean): Promise<RuleView> {
    const warnings = hasWarnings ? await this.limits.warningsAbout(em, rule.entryPoint) : [];
    return { ...viewOf(rule), ...(warnings.length > 0 && { warnings }) };
  }

  /**
   * Saves a new version of a rule, and puts it in force where that is wanted.
   * @throws stale, conflict when archived, invalid `invalid-rule`
   */
  async revise(unit: Unit, rule: Rule, definition: AuthoredRule, options: RevisionOptions): Promise<void> {
    const { organizationId, id: userId } = unit.actor;
    this.assertSound(await this.entryPointOf(organizationId, { entryPoint: rule.entryPoint }), definition);
    unit.record('rule', rule, ...rule.revise(definition, { userId, now: new Date() }, options));
    await saveVersions(unit.em, [rule]);
    if (!options.isPublished) return;
    unit.record('rule', rule, ...rule.publish(undefined));
    await this.bringIntoForce(unit, rule);
  }

  /** Saving and publishing in one is for those who may publish. @throws forbidden */
  assertMayPublish({ permissions }: Actor): void {
    if (permissions.has('rules:publish')) return;
    throw new DomainError(
      'forbidden',
      'forbidden',
      'Publishing needs the permission rules:publish; save a draft instead.',
    );
  }

  /** Puts the rule's live version in force; `isInForceHere` tells when this instance knows. */
  async bringIntoForce(unit: Unit, rule: Rule): Promise<void> {
    await unit.em.flush();
    await changeMembers(unit.em, [rule]);
  }

  /** Resolves when this instance decides by what was committed, so that an author can try it at once. */
  isInForceHere(): Promise<void> {
    return this.follower.look();
  }
}

/** Loads a rule for update. @throws not-found */
export async function ruleForUpdate(em: EntityManager, id: string): Promise<Rule> {
  const rule = await em.findOne(Rule, { id, archivedAt: null }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!rule) throw notFound('Rule', id);
  return rule;
}

function validityViolations({ validFrom, validUntil }: AuthoredRule): { pointer: string; message: string }[] {
  if (validFrom === null || validUntil === null || Date.parse(validFrom) < Date.parse(validUntil)) return [];
  return [{ pointer: '#/validUntil', message: 'validUntil must be later than validFrom.' }];
}
