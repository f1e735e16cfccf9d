import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { conflict } from '../../kernel/domain-error.js';
import { CONFIGURATION } from '../../platform/config/config.module.js';
import type { Configuration } from '../../platform/config/configuration.js';
import { Logger } from '../../platform/logging/logger.js';
import { Rule } from './rule.js';

/** From so many rules on an entry point is worth a warning: people lose track before the engine does. */
export const MANY_RULES = 50;

/** How many rules an entry point may have. */
@Injectable()
export class RuleLimits {
  constructor(
    private readonly logger: Logger,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** Whether an entry point has room for so many rules more. @throws conflict `too-many-rules` */
  async assertRoom(em: EntityManager, entryPoint: string, added = 1): Promise<void> {
    const most = this.configuration.RULES_MAX_PER_ENTITY;
    const rules = await countRules(em, entryPoint);
    if (rules + added <= most) return;
    throw conflict('too-many-rules', `${entryPoint} has ${rules} rules; at most ${most} are allowed.`);
  }

  /** What an author should know about an entry point as it stands now; logged as well. */
  async warningsAbout(em: EntityManager, entryPoint: string): Promise<readonly string[]> {
    const rules = await countRules(em, entryPoint);
    if (rules < MANY_RULES) return [];
    this.logger.warn({ event: 'many-rules', entryPoint, rules });
    return [`${entryPoint} has ${rules} rules; from ${MANY_RULES} on it is hard to see how they play together.`];
  }
}

const countRules = (em: EntityManager, entryPoint: string): Promise<number> =>
  em.count(Rule, { entryPoint, archivedAt: null });
