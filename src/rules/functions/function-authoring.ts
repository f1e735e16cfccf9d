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
const MOST_FUNCTIONS = 500;
const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]{0,63}$/;

/** What the commands on functions have in common: checking a definition and putting it in force. */
@Injectable()
export class FunctionAuthoring {
  constructor(
    private readonly sandbox: FunctionSandbox,
    private readonly follower: ChangeFollower,
  ) {}

  /** @throws invalid `invalid-function` with everything that speaks against it, unavailable */
  async assertSound(name: string, { parameters, source }: AuthoredFunction): Promise<void> {
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
    const [first] = violations;
    if (first) throw invalid('invalid-function', `The function cannot be saved: ${first.message}`, { violations });
  }

  /** @throws conflict `function-exists`, `too-many-functions` */
  async assertRoom(em: EntityManager, name: string): Promise<void> {
    if ((await em.count(CustomFunction, { name, archivedAt: null })) > 0) {
      throw conflict('function-exists', `There is a function called ${name} already.`);
    }
    if ((await em.count(CustomFunction, { archivedAt: null })) >= MOST_FUNCTIONS) {
      throw conflict('too-many-functions', `There are ${MOST_FUNCTIONS} functions, the most that are allowed.`);
    }
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
