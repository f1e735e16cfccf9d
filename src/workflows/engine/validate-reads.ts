import type { Violation } from '../../kernel/domain-error.js';
import { itemName } from './for-each.js';
import { reachableFrom } from './graph.js';
import type { UncheckedStep } from './graph.js';
import { pointerOf } from './pointer.js';
import { precedingSteps } from './preceding-steps.js';
import { readsOf } from './reads.js';
import type { Region, Regions } from './regions.js';

/** Malformed placeholders, and reads of what nothing can have set by then: undeclared variables, steps that come later. */
export const checkReads = (
  steps: readonly UncheckedStep[],
  variables: ReadonlySet<string>,
  regions: Regions,
): Violation[] => {
  const preceding = precedingSteps(steps, regions);
  const ids = new Set(steps.map(({ id }) => id));
  const undone = new Map(
    steps.flatMap((step) => (step.compensation === undefined ? [] : [[step.compensation, step.id]])),
  );
  return steps.flatMap((step, index) => {
    const items = itemNames(regions.of.get(undone.get(step.id) ?? step.id));
    const known: Known = { variables, items, ids, before: reachableFrom(step.id, preceding), step: step.id };
    return readsOf(step).flatMap(({ path, text, place, isEventKnown }) => {
      const offered = isEventKnown ? { ...known, items: new Set([...items, 'event']) } : known;
      const message = path ? faultOf(path, offered) : `${text} is no placeholder; write {{variables.name}}.`;
      return message ? [{ pointer: pointerOf(['steps', index, 'configuration', ...place]), message }] : [];
    });
  });
};

interface Known {
  readonly variables: ReadonlySet<string>;
  /** What else is read by its bare name. */
  readonly items: ReadonlySet<string>;
  readonly ids: ReadonlySet<string>;
  /** Ids of the steps that may have run before. */
  readonly before: ReadonlySet<string>;
  readonly step: string;
}

/** The names under which the bodies around a step read their items. */
const itemNames = (region: Region | undefined): ReadonlySet<string> => {
  const names = new Set<string>();
  for (let inner = region; inner?.owner; inner = inner.outer) {
    if (inner.owner.type === 'for_each') names.add('index').add(itemName(inner.owner.configuration));
  }
  return names;
};

const faultOf = (path: readonly string[], known: Known): string | undefined => {
  const [root = '', name] = path;
  if (root === 'execution') return faultOfFact(path);
  if (root === 'steps') return name === undefined ? undefined : faultOfStep(name, known);
  if (root === 'variables') return name === undefined || known.variables.has(name) ? undefined : undeclared(name);
  return known.variables.has(root) || known.items.has(root) ? undefined : undeclared(root);
};

const faultOfFact = (path: readonly string[]): string | undefined =>
  path.length === 2 && path[1] === 'id' ? undefined : 'Of the execution only execution.id can be read.';

const undeclared = (name: string): string => `Nothing sets the variable "${name}"; declare it in variables.`;

const faultOfStep = (id: string, known: Known): string | undefined => {
  if (!known.ids.has(id)) return `There is no step "${id}" to read from.`;
  if (known.before.has(id)) return undefined;
  return `Step "${id}" cannot have run before "${known.step}", or not where this can read it; read only from steps that lead here.`;
};
