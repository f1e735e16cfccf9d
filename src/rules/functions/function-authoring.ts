import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Unit } from '../../audit/audit.contract.js';
import { conflict, invalid, notFound, type Violation } from '../../kernel/domain-error.js';
import { ChangeFollower } from '../../platform/cache/change-follower.js';
import { type AuthoredFunction, CustomFunction } from './custom-function.js';
import { FunctionSandbox } from './function-sandbox.js';
import { replaceInRuleSets } from './rule-set-functions.js';

/** Bytes of UTF-8. */
export const SOURCE_LIMIT = 64 * 1024;
/** Functions that an organization has at most. */
export const MOST_FUNCTIONS = 500;
const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]{0,63}$/;

/** What the commands on functions have in common: checking a definition and putting it in force. */
@Injectable()
export class FunctionAuthoring {
  constructor(
    private readonly sandbox: FunctionSandbox,
    private readonly follower: ChangeFollower,
  ) {}

  /** Everything that speaks against a definition, each with its place in it. @throws unavailable */
  async violationsOf(name: string, { parameters, source }: AuthoredFunction): Promise<readonly Violation[]> {
    const violations: Violation[] = parameters.flatMap((parameter, i) =>
      IDENTIFIER.test(parameter) ? [] : [{ pointer: `#/parameters/${i}`, message: 'must be a JavaScript identifier.' }],
    );
    if (Buffer.byteLength(source) > SOURCE_LIMIT) {
      violations.push({ pointer: '#/source', message: `must have at most ${SOURCE_LIMIT} bytes.` });
    }
    if (violations.length === 0) {
      const failure = await this.sandbox.check({ name, version: 1, parameters, source });
      if (failure) violations.push({ pointer: '#/source', message: failure.message });
    }
    return violations;
  }

  /** @throws invalid `invalid-function` with everything that speaks against it, unavailable */
  async assertSound(name: string, definition: AuthoredFunction): Promise<void> {
    const violations = await this.violationsOf(name, definition);
    const [first] = violations;
    if (first) throw invalid('invalid-function', `The function cannot be saved: ${first.message}`, { violations });
  }

  /** @throws conflict `function-exists` */
  async assertNameIsFree(em: EntityManager, name: string): Promise<void> {
    if ((await em.count(CustomFunction, { name, archivedAt: null })) === 0) return;
    throw conflict('function-exists', `There is a function called ${name} already.`);
  }

  /** Whether so many more functions may be made. @throws conflict `too-many-functions` */
  async assertRoom(em: EntityManager, more: number): Promise<void> {
    const present = await em.count(CustomFunction, { archivedAt: null });
    if (present + more <= MOST_FUNCTIONS) return;
    throw conflict('too-many-functions', `There are ${present} functions; at most ${MOST_FUNCTIONS} are allowed.`);
  }

  /** Gives the live version to every rule set that calls the function; `isInForceHere` tells when this instance knows. */
  async bringIntoForce(unit: Unit, customFunction: CustomFunction): Promise<void> {
    await unit.em.flush();
    await replaceInRuleSets(unit.em, customFunction);
  }

  /** Resolves when this instance decides by what was committed. */
  isInForceHere(): Promise<void> {
    return this.follower.look();
  }
}

/** Loads a function for update. @throws not-found */
export async function functionForUpdate(em: EntityManager, name: string): Promise<CustomFunction> {
  const found = await em.findOne(CustomFunction, { name, archivedAt: null }, { lockMode: 4 });
  if (!found) throw notFound('Function', name);
  return found;
}
