import { Injectable } from '@nestjs/common';
import { Sql } from '../../platform/database/sql.js';
import { ActionTypes } from '../decisions/action-types.js';
import type { ActionRegistry } from '../engine/action-types.js';
import { functionsCalledBy } from '../engine/called-functions.js';
import type { RuleFunction, RuleFunctions } from '../engine/expression.js';
import type { RuleDefinition } from '../engine/rule.js';
import { liveFunctionNames, liveFunctions } from './function-definitions.js';
import { compileFunctions } from './sandbox/compile-functions.js';

/** What rules that are not in force yet may be made of: action types, and the live functions of their organization. */
@Injectable()
export class RuleVocabulary {
  constructor(
    private readonly types: ActionTypes,
    private readonly sql: Sql,
  ) {}

  /** What rules are compiled against. */
  get actionTypes(): ActionRegistry {
    return this.types.registry;
  }

  /** The functions that a rule may name, with those that come live beside it; to check it, not to call them. */
  async nameable(organizationId: string, coming: readonly string[] = []): Promise<RuleFunctions> {
    const names = await liveFunctionNames(this.sql, organizationId);
    return new Map([...names, ...coming].map((name) => [name, notCalledHere]));
  }

  /** The functions that these rules call, as they are live now. */
  async callable(
    organizationId: string,
    rules: readonly Pick<RuleDefinition, 'condition' | 'conditions'>[],
  ): Promise<RuleFunctions> {
    return compileFunctions(await liveFunctions(this.sql, organizationId, rules.flatMap(functionsCalledBy)));
  }
}

const notCalledHere: RuleFunction = () => {
  throw new Error('A rule is checked without calling functions.');
};
