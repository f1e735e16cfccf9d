import { isObject } from '../../../kernel/json.js';
import type { JsonObject, JsonValue } from '../../../kernel/json.js';
import type { Scope } from '../expression.js';
import { readPath } from '../paths.js';
import type { Path } from '../paths.js';
import { jsonTypeOf } from '../schema-path.js';
import { isSame, isTruthy } from '../values.js';
import { depthOfObjects, place } from './documents.js';
import type { Placement } from './documents.js';
import { Outcome } from './formula.js';
import type { Atom } from './formula.js';
import { schemasAlong, typesOf } from './local-schema.js';
import type { LocalSchema } from './local-schema.js';
import { representativesFor } from './representatives.js';
import { joinUses, noUses } from './uses.js';

/** What a search moves in: where it begins, and what holds there. */
export interface World {
  readonly base: JsonObject;
  readonly schema: JsonObject;
  readonly isValid: (document: JsonObject) => boolean;
  readonly scopeOf: (document: JsonObject) => Scope;
  /** Whether a path cannot be changed. */
  readonly isFixed: (path: Path) => boolean;
  /** Whether it is known what time it is. */
  readonly isClockFixed: boolean;
}

/** One way to fill a path. */
export interface Option {
  /** What is put where; at a path around when the object that would hold the value is not there. */
  readonly placement: Placement;
  /** The outermost place that differs from the base; undefined when nothing does. */
  readonly changedPlace: string | undefined;
  /** The outcome of each atom that reads this path alone. */
  readonly outcomes: ReadonlyMap<Atom, number>;
  /** Other values with the same outcomes. */
  readonly alternatives: readonly JsonValue[];
}

/** All ways to fill a path that can make a difference, staying as it is first. */
export interface Domain {
  readonly path: Path;
  readonly options: readonly Option[];
  /** Whether there is no other way that matters. */
  readonly isComplete: boolean;
}

/** What an atom comes to in a document. */
export function outcomeIn(atom: Required<Pick<Atom, 'evaluate'>>, scope: Scope): number {
  try {
    return isTruthy(atom.evaluate(scope)) ? Outcome.True : Outcome.False;
  } catch {
    return Outcome.Error;
  }
}

/** The ways to fill a path that all these atoms read, some of them perhaps beside other paths. */
export function domainOf(world: World, path: Path, atoms: readonly Atom[]): Domain {
  const levels = schemasAlong(world.schema, path);
  const uses = joinUses(atoms.map((atom) => atom.uses));
  const local = levels.at(-1) as LocalSchema;
  const found = representativesFor(world.schema, uses, local);
  const current = readPath(world.base, path);
  const isBaseValid = world.isValid(world.base);
  const isAllowed = (placement: Placement): boolean =>
    !isBaseValid || world.isValid(place(world.base, placement, world.schema));
  const values = byNearness(found.values, current).filter((value) => isAllowed({ path, value }));
  const placements = [stay(world.base, path), ...values.map((value) => ({ path, value })), { path, value: undefined }];
  const gone = goneWays(world.schema, path, levels, isAllowed);
  const allowed = [...placements.filter((one, i) => i === 0 || isAllowed(one)), ...gone];
  const isMerged = atoms.every((atom) => atom.paths.length === 1 && atom.evaluate);
  const options = distinct(allowed.map((placement) => optionOf(world, placement, atoms)));
  return {
    path,
    options: isMerged ? merge(path, options) : options,
    isComplete: isBaseValid && found.isComplete && areCovered(local, values),
  };
}

/** An object or list that the schema lets stand was found, so its kind is not missing for want of a good example. */
const areCovered = ({ keywords, isPossible }: LocalSchema, values: readonly JsonValue[]): boolean =>
  !isPossible ||
  keywords.enum !== undefined ||
  keywords.const !== undefined ||
  (['object', 'array'] as const).every(
    (type) => !typesOf(keywords).has(type) || values.some((value) => jsonTypeOf(value) === type),
  );

function stay(base: JsonObject, path: Path): Placement {
  const around = path.slice(0, depthOfObjects(base, path));
  return { path: around, value: readPath(base, around) };
}

/** For each object around the path one way in which it is not there, so that nothing stands at the path. */
function goneWays(
  schema: JsonObject,
  path: Path,
  levels: readonly LocalSchema[],
  isAllowed: (placement: Placement) => boolean,
): readonly Placement[] {
  return path.slice(1).flatMap((_, i) => {
    const around = path.slice(0, i + 1);
    const others = representativesFor(schema, noUses, levels[i + 1] as LocalSchema).values;
    const ways = [undefined, ...others.filter((value) => !isObject(value) && !Array.isArray(value))];
    const way = ways.map((value): Placement => ({ path: around, value })).find(isAllowed);
    return way ? [way] : [];
  });
}

const byNearness = (values: readonly JsonValue[], current: JsonValue | undefined): readonly JsonValue[] =>
  typeof current === 'number' ? values.toSorted((a, b) => distance(a, current) - distance(b, current)) : values;

const distance = (value: JsonValue, current: number): number =>
  typeof value === 'number' ? Math.abs(value - current) : Number.MAX_VALUE;

function optionOf(world: World, placement: Placement, atoms: readonly Atom[]): Option {
  const document = place(world.base, placement, world.schema);
  const scope = world.scopeOf(document);
  const outcomes = new Map<Atom, number>();
  for (const atom of atoms) {
    const { evaluate } = atom;
    if (evaluate && atom.paths.length === 1) outcomes.set(atom, outcomeIn({ evaluate }, scope));
  }
  return { placement, changedPlace: changedPlaceOf(world.base, placement), outcomes, alternatives: [] };
}

function changedPlaceOf(base: JsonObject, { path, value }: Placement): string | undefined {
  const current = readPath(base, path);
  const depth = depthOfObjects(base, path);
  const isSameValue = current === undefined ? value === undefined : value !== undefined && isSame(current, value);
  return isSameValue && depth === path.length ? undefined : path.slice(0, depth).join('\0');
}

/** A way that changes nothing is the first one over again. */
const distinct = (options: readonly Option[]): readonly Option[] =>
  options.filter(({ changedPlace }, i) => i === 0 || changedPlace !== undefined);

/** Of values with the same outcomes only the first stands, the others beside it. */
function merge(path: Path, options: readonly Option[]): readonly Option[] {
  const merged = new Map<string, Option>();
  for (const option of options) {
    const { placement, outcomes } = option;
    const isThere = placement.path.length === path.length && placement.value !== undefined;
    const key = [isThere, placement.path.length, ...outcomes.values()].join(' ');
    const known = merged.get(key);
    if (!known) merged.set(key, option);
    else if (isThere)
      merged.set(key, { ...known, alternatives: [...known.alternatives, placement.value] });
  }
  return [...merged.values()];
}
