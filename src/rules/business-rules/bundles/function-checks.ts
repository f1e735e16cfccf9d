import { Injectable } from '@nestjs/common';
import { Sql } from '../../../platform/database/sql.js';
import { FunctionAuthoring } from '../../functions/function-authoring.js';
import { presentFunctions } from '../../functions/function-definitions.js';
import { definitionOf } from '../../functions/functions.dto.js';
import type { BundledFunctionBody, ImportRulesBody } from './bundle.dto.js';
import { type CandidateFunction, type ImportItem, planFunction } from './import-plan.js';

/** A function of a bundle with what is to be done about it, as it looks before any row is locked. */
export interface PlannedFunction {
  readonly candidate: CandidateFunction;
  readonly item: ImportItem;
}

/** Checks the functions of bundles as when they are saved. */
@Injectable()
export class FunctionChecks {
  constructor(
    private readonly authoring: FunctionAuthoring,
    private readonly sql: Sql,
  ) {}

  /** @throws unavailable */
  async planOf(
    organizationId: string,
    { bundle: { functions = [] }, publish }: ImportRulesBody,
  ): Promise<readonly PlannedFunction[]> {
    const names = functions.map(({ name }) => name);
    const present = await presentFunctions(this.sql, organizationId, names);
    const planned: PlannedFunction[] = [];
    for (const [index, body] of functions.entries()) {
      const isRepeated = names.indexOf(body.name) !== index;
      const candidate = await this.candidateOf(body, { pointer: `#/bundle/functions/${index}`, isRepeated, publish });
      planned.push({ candidate, item: planFunction(candidate, present.get(body.name)) });
    }
    return planned;
  }

  private async candidateOf(
    body: BundledFunctionBody,
    { pointer, isRepeated, publish }: { pointer: string; isRepeated: boolean; publish: boolean },
  ): Promise<CandidateFunction> {
    const { name } = body;
    const definition = definitionOf(body);
    const violations = await this.authoring.violationsOf(name, definition);
    const errors = [
      ...(isRepeated ? [{ pointer: `${pointer}/name`, message: 'Two functions have this name.' }] : []),
      ...violations.map((each) => ({ pointer: `${pointer}${each.pointer.slice(1)}`, message: each.message })),
    ];
    return { name, pointer, definition, isPublished: publish, errors };
  }
}

/** The names of a plan's functions that rules may call beside those that they may call already. */
export const comingLive = (planned: readonly PlannedFunction[]): readonly string[] =>
  planned
    .filter(({ item, candidate }) => item.outcome !== 'revised' || candidate.isPublished)
    .map(({ candidate }) => candidate.name);
