import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Unit } from '../../audit/audit.contract.js';
import { conflict, DomainError, invalid, notFound } from '../../kernel/domain-error.js';
import { ChangeFollower } from '../../platform/cache/change-follower.js';
import { CONFIGURATION } from '../../platform/config/config.module.js';
import type { Configuration } from '../../platform/config/configuration.js';
import type { Actor } from '../../platform/http/actor.js';
import type { RuleFunctions } from '../engine/expression.js';
import { lintRule } from '../engine/lint.js';
import { EntryPoints, type PreparedEntryPoint } from '../entry-points/entry-points.js';
import { RuleVocabulary } from '../functions/rule-vocabulary.js';
import { changeMember } from './rule-set-members.js';
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

/** What the commands on rules have in common: finding the place, checking a definition, putting it in force. */
@Injectable()
export class RuleAuthoring {
  constructor(
    private readonly entryPoints: EntryPoints,
    private readonly vocabulary: RuleVocabulary,
    private readonly follower: ChangeFollower,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
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
    return { ...found, functions: await this.vocabulary.nameable(organizationId) };
  }

  /** @throws invalid `invalid-rule` with everything that speaks against the definition */
  assertSound(entryPoint: AuthoringPlace, definition: AuthoredRule): void {
    const violations = [
      ...validityViolations(definition),
      ...(definition.actions.length === 0
        ? [{ pointer: '#/actions', message: 'A rule needs at least one action.' }]
        : []),
      ...lintRule(
        { ...definition, id: 'new', version: 1, createdAt: '1970-01-01T00:00:00.000Z' },
        {
          actionTypes: this.vocabulary.actionTypes,
          functions: entryPoint.functions,
          schema: entryPoint.schema,
          changeableFields: entryPoint.writableFields,
        },
      ),
    ];
    if (violations.length === 0) return;
    throw invalid('invalid-rule', `The rule cannot be saved: ${violations[0]!.message}`, { violations });
  }

  /** @throws conflict `too-many-rules` */
  async assertRoom(em: EntityManager, entryPoint: string): Promise<void> {
    const most = this.configuration.RULES_MAX_PER_ENTITY;
    const count = await em.count(Rule, { entryPoint, archivedAt: null });
    if (count >= most) throw conflict('too-many-rules', `${entryPoint} has ${most} rules, the most that are allowed.`);
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
    await changeMember(unit.em, rule);
  }

  /** Resolves when this instance decides by what was committed, so that an author can try it at once. */
  isInForceHere(): Promise<void> {
    return this.follower.look();
  }
}

/** Loads a rule for update. @throws not-found */
export async function ruleForUpdate(em: EntityManager, id: string): Promise<Rule> {
  const rule = await em.findOne(Rule, { id, archivedAt: null }, { lockMode: 4 });
  if (!rule) throw notFound('Rule', id);
  return rule;
}

function validityViolations({ validFrom, validUntil }: AuthoredRule): { pointer: string; message: string }[] {
  if (validFrom === null || validUntil === null || Date.parse(validFrom) < Date.parse(validUntil)) return [];
  return [{ pointer: '#/validUntil', message: 'validUntil must be later than validFrom.' }];
}
