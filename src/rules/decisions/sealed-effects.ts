import { escaped, escapeLookalikes } from '../../audit/audit.contract.js';
import { isId } from '../../kernel/id.js';
import { isObject, type JsonObject, type JsonValue } from '../../kernel/json.js';
import { parsePath, type Path } from '../engine/paths.js';
import type { RuleAction } from '../engine/rule.js';
import { placeholderPaths } from '../engine/template.js';
import { doMeet, type HiddenTree, meetsHidden } from '../entry-points/hidden-tree.js';
import type { RecordedEffect } from './decision-record.js';
import type { Seal } from './sealed-context.js';

/** What hidden values of a decision may have reached, and how to seal them. */
export interface Spread {
  /** The actions of a rule as its author wrote them, in the order of its effects; undefined when they are not known. */
  readonly actionsOf: (ruleId: string) => readonly RuleAction[] | undefined;
  /** Where hidden values stood in the context. */
  readonly sealedAt: readonly Path[];
  readonly hidden: HiddenTree;
  readonly seal: Seal;
}

/** Action types that change fields; what they put into one, an adjustment shows in its result. */
const CHANGES_FIELDS: ReadonlySet<string> = new Set(['set_field', 'adjust_field', 'update', 'update_status']);

interface Traced {
  readonly effect: RecordedEffect;
  readonly action: RuleAction | undefined;
  /** Whether a hidden value went into its parameters. */
  readonly isReached: boolean;
}

/** Seals what hidden values went into: parameters filled from placeholders, and results that may show them. */
export function sealEffects(effects: readonly RecordedEffect[], spread: Spread): JsonValue[] {
  const traced = trace(effects, spread);
  const areChangesReached = traced.some(({ effect, isReached }) => isReached && CHANGES_FIELDS.has(effect.type));
  return traced.map((each) => sealEffect(each, areChangesReached, spread));
}

function trace(effects: readonly RecordedEffect[], spread: Spread): Traced[] {
  const told = new Map<string, number>();
  return effects.map((effect) => {
    const turn = told.get(effect.ruleId) ?? 0;
    told.set(effect.ruleId, turn + 1);
    const action = spread.actionsOf(effect.ruleId)?.[turn];
    const written = action?.type === effect.type ? action : undefined;
    return { effect, action: written, isReached: written ? isReached(written.parameters, spread) : true };
  });
}

const isReached = (template: JsonValue, { sealedAt }: Spread): boolean =>
  placeholderPaths(template).some((text) => sealedAt.some((path) => doMeet(path, parsePath(text))));

function sealEffect(traced: Traced, areChangesReached: boolean, spread: Spread): JsonObject {
  const { effect, isReached } = traced;
  const { parameters: _, result, ...others } = effect;
  const isShown =
    effect.type === 'adjust_field' ? areChangesReached || isHidden(effect.parameters.field, spread) : isReached;
  return {
    ...(escapeLookalikes(others) as JsonObject),
    ...(isReached && sealOverridden(effect, spread.seal)),
    parameters: sealParameters(traced, spread),
    ...(result !== undefined && {
      result: isShown && !isBare(result) ? spread.seal(result) : escapeLookalikes(result),
    }),
  };
}

/** Names of fields come from the rule, unless its `fields` as a whole came from the context. */
const sealOverridden = (effect: object, seal: Seal): JsonObject =>
  'overriddenFields' in effect ? { overriddenFields: seal(effect.overriddenFields as JsonValue) } : {};

/** Ids, yes and no: what an action answers that shows nothing of its parameters. */
function isBare(result: JsonValue): boolean {
  if (typeof result === 'string') return isId(result);
  if (typeof result !== 'object' || result === null) return typeof result !== 'number';
  return Object.values(result as JsonObject).every(isBare);
}

const isHidden = (field: JsonValue | undefined, { hidden }: Spread): boolean =>
  typeof field !== 'string' || meetsHidden(hidden, parsePath(field));

/** Seals what a hidden value was written into, and what is written into a hidden field. */
function sealParameters({ effect: { type, parameters }, action }: Traced, spread: Spread): JsonObject {
  const sealed = sealFilled(action?.parameters, parameters, spread) as JsonObject;
  return action ? { ...sealed, ...writtenValues.get(type)?.(parameters, spread) } : sealed;
}

type WrittenValues = (parameters: JsonObject, spread: Spread) => JsonObject | undefined;

/** By type of action: those of its parameters that become the value of a hidden field, sealed. */
const writtenValues: ReadonlyMap<string, WrittenValues> = new Map<string, WrittenValues>([
  [
    'set_field',
    ({ field, value = null }, spread) => (isHidden(field, spread) ? { value: spread.seal(value) } : undefined),
  ],
  [
    'update_status',
    ({ status = null }, spread) => (isHidden('status', spread) ? { status: spread.seal(status) } : undefined),
  ],
  [
    'update',
    ({ fields = {} }, spread) =>
      Object.keys(fields as JsonObject).some((field) => isHidden(field, spread))
        ? { fields: spread.seal(fields) }
        : undefined,
  ],
]);

/** Seals each text that a placeholder filled with a hidden value; keys are the author's, and stay. */
function sealFilled(template: JsonValue | undefined, filled: JsonValue, spread: Spread): JsonValue {
  if (typeof template === 'string') return isReached(template, spread) ? spread.seal(filled) : escapeLookalikes(filled);
  if (Array.isArray(template) && Array.isArray(filled)) {
    return filled.map((item: JsonValue, i) => sealFilled((template as readonly JsonValue[])[i], item, spread));
  }
  if (isObject(template) && isObject(filled)) {
    const written = template;
    const members = Object.entries(filled);
    return Object.fromEntries(members.map(([key, member]) => [escaped(key), sealFilled(written[key], member, spread)]));
  }
  // A constant; anything else is not what the author wrote.
  return template === filled ? filled : spread.seal(filled);
}
