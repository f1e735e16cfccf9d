import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Violation } from '../../../kernel/domain-error.js';
import { Sql } from '../../../platform/database/sql.js';
import { compileContextSchema } from '../../entry-points/context-schema.js';
import type { CustomEntryPointSettings } from '../../entry-points/custom-entry-point.js';
import { EntryPoints, type PreparedEntryPoint } from '../../entry-points/entry-points.js';
import { hiddenPathViolations } from '../../entry-points/hidden-tree.js';
import { definitionOf } from '../business-rules.dto.js';
import { RuleAuthoring, type RuleSurroundings } from '../rule-authoring.js';
import type { BundledRuleBody, ImportRulesBody, RuleBundleBody } from './bundle.dto.js';
import { comingLive, FunctionChecks, type PlannedFunction } from './function-checks.js';
import { type CandidateRule, type ImportItem, planEntryPoint, planRule, type PresentRule } from './import-plan.js';

/** Rules that are checked before others get their turn. */
const RULES_AT_ONCE = 50;

type Places = ReadonlyMap<string, RuleSurroundings>;

/** A rule of a bundle with what is to be done about it, as it looks before any row is locked. */
export interface PlannedRule {
  readonly candidate: CandidateRule;
  readonly item: ImportItem;
}

/** A bundle checked against what an organization has, before any row is locked. */
export interface ImportPlan {
  readonly entryPoints: readonly ImportItem[];
  readonly functions: readonly PlannedFunction[];
  readonly rules: readonly PlannedRule[];
}

interface PresentRow extends PresentRule, Record<string, unknown> {
  readonly key: string;
}

/** Checks bundles: each rule as when it is saved, against the entry points as they will be. */
@Injectable()
export class ImportChecks {
  constructor(
    private readonly entryPoints: EntryPoints,
    private readonly authoring: RuleAuthoring,
    private readonly functions: FunctionChecks,
    private readonly sql: Sql,
  ) {}

  async planOf(organizationId: string, input: ImportRulesBody): Promise<ImportPlan> {
    const { bundle, publish } = input;
    const known = new Map((await this.entryPoints.all(organizationId)).map((point) => [point.name, point]));
    const entryPoints = bundle.entryPoints.map((_, index) => this.entryPointItem(bundle, index, known));
    const functions = await this.functions.planOf(organizationId, input);
    const callable = await this.authoring.functionsOf(organizationId, comingLive(functions));
    const places: Places = new Map(
      [...known.values(), ...bundle.entryPoints].map((point) => [point.name, { ...point, functions: callable }]),
    );
    const keys = bundle.rules.map(({ key }) => key);
    const [repeated, present] = [repeatedKeys(keys), await this.presentRules(organizationId, keys)];
    const rules: PlannedRule[] = [];
    for (const [index, rule] of bundle.rules.entries()) {
      if (index % RULES_AT_ONCE === 0) await nextTurn();
      const pointer = `#/bundle/rules/${index}`;
      const definition = definitionOf(rule);
      const errors = [
        ...(repeated.has(rule.key) ? [{ pointer: `${pointer}/key`, message: 'Two rules have this key.' }] : []),
        ...this.violationsOf(rule, places, pointer),
      ];
      const { key, entryPoint, live } = rule;
      const candidate = { key, entryPoint, pointer, definition, errors, isPublished: publish && live };
      rules.push({ candidate, item: planRule(candidate, present.get(key)) });
    }
    return { entryPoints, functions, rules };
  }

  private async presentRules(
    organizationId: string,
    keys: readonly string[],
  ): Promise<ReadonlyMap<string, PresentRule>> {
    const rows = await this.sql.read<PresentRow>(
      organizationId,
      `select key, entry_point as "entryPoint", definition, definition_version as "definitionVersion",
         live_version as "liveVersion"
       from rules where organization_id = $1 and key = any($2) and archived_at is null`,
      [organizationId, keys],
    );
    return new Map(rows.map((row) => [row.key, row]));
  }

  private violationsOf(rule: BundledRuleBody, places: Places, pointer: string): readonly Violation[] {
    const place = places.get(rule.entryPoint);
    if (!place) {
      const message = `There is no entry point called ${rule.entryPoint}.`;
      return [{ pointer: `${pointer}/entryPoint`, message }];
    }
    return this.authoring
      .violationsOf(place, definitionOf(rule))
      .map((violation) => ({ pointer: `${pointer}${violation.pointer.slice(1)}`, message: violation.message }));
  }

  private entryPointItem(
    { entryPoints }: RuleBundleBody,
    index: number,
    known: ReadonlyMap<string, PreparedEntryPoint>,
  ): ImportItem {
    const { name, ...settings } = entryPoints[index]!;
    const pointer = `#/bundle/entryPoints/${index}`;
    const refused = (at: string, message: string): ImportItem => {
      return { kind: 'entry-point', key: name, pointer, outcome: 'refused', errors: [{ pointer: at, message }] };
    };
    if (this.entryPoints.isRegistered(name)) return refused(`${pointer}/name`, 'The product owns this entry point.');
    if (entryPoints.findIndex((other) => other.name === name) !== index) {
      return refused(`${pointer}/name`, 'Two entry points have this name.');
    }
    const fault = schemaFault(settings.schema);
    if (fault !== undefined) return refused(`${pointer}/schema`, fault);
    const [violation] = hiddenPathViolations(settings);
    if (violation) return refused(`${pointer}${violation.pointer.slice(1)}`, violation.message);
    const present = known.get(name);
    return planEntryPoint({ key: name, pointer }, settings, present && settingsOf(present));
  }
}

/** What of an entry point can be written again. */
export function settingsOf({
  name: _name,
  check: _check,
  hidden: _hidden,
  owner: _owner,
  entity: _entity,
  sensitivePaths = [],
  personalPaths = [],
  ...settings
}: PreparedEntryPoint): CustomEntryPointSettings {
  return { ...settings, sensitivePaths, personalPaths };
}

function repeatedKeys(keys: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  return new Set(keys.filter((key) => seen.size === seen.add(key).size));
}

function schemaFault(schema: RuleBundleBody['entryPoints'][number]['schema']): string | undefined {
  try {
    compileContextSchema(schema);
    return undefined;
  } catch (error) {
    return `The schema is no JSON Schema (draft 2020-12): ${(error as Error).message}`;
  }
}
