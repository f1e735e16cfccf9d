import type { Violation } from '../../kernel/domain-error.js';
import { pathsRead } from './condition-paths.js';
import type { PathRead } from './condition-paths.js';
import { edgesOf, reachableFrom } from './graph.js';
import type { UncheckedStep } from './graph.js';
import { pointerOf } from './pointer.js';
import { placeholdersOf } from './template.js';

/** Malformed placeholders, and reads of what nothing can have set by then: undeclared variables, steps that come later. */
export const checkReads = (steps: readonly UncheckedStep[], variables: ReadonlySet<string>): Violation[] => {
  const before = stepsBefore(steps);
  return steps.flatMap((step, index) => {
    const known: Known = { variables, steps: before, step: step.id };
    return readsOf(step).flatMap(({ path, text, place }) => {
      const message = path ? faultOf(path, known) : `${text} is no placeholder; write {{variables.name}}.`;
      return message ? [{ pointer: pointerOf(['steps', index, 'configuration', ...place]), message }] : [];
    });
  });
};

interface Known {
  readonly variables: ReadonlySet<string>;
  /** For each step, the ids of those that may have run before it. */
  readonly steps: ReadonlyMap<string, ReadonlySet<string>>;
  readonly step: string;
}

type Read = Omit<PathRead, 'path'> & { readonly path?: PathRead['path']; readonly text?: string };

/** What is filled in when a step begins: an action's parameters, a delay's time, a condition. */
const readsOf = ({ type, configuration }: UncheckedStep): Read[] => {
  if (type === 'condition') return pathsRead(configuration);
  const templated = ['parameters', 'duration', 'until'].filter((key) => Object.hasOwn(configuration, key));
  return templated.flatMap((key) => placeholdersOf(configuration[key] ?? null, [key]));
};

const faultOf = (path: readonly string[], known: Known): string | undefined => {
  const [root = '', name] = path;
  if (root === 'execution') {
    return path.length === 2 && name === 'id' ? undefined : 'Of the execution only execution.id can be read.';
  }
  if (root === 'steps') return name === undefined ? undefined : faultOfStep(name, known);
  const variable = root === 'variables' ? name : root;
  if (variable === undefined || known.variables.has(variable)) return undefined;
  return `Nothing sets the variable "${variable}"; declare it in variables.`;
};

const faultOfStep = (id: string, known: Known): string | undefined => {
  if (!known.steps.has(id)) return `There is no step "${id}" to read from.`;
  if (known.steps.get(known.step)?.has(id)) return undefined;
  return `Step "${id}" cannot have run before "${known.step}"; read only from steps that lead to it.`;
};

const stepsBefore = (steps: readonly UncheckedStep[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const previous = new Map(steps.map((step): [string, string[]] => [step.id, []]));
  for (const step of steps) for (const edge of edgesOf(step)) previous.get(edge.to)?.push(step.id);
  return new Map(steps.map((step) => [step.id, reachableFrom(step.id, previous)]));
};
